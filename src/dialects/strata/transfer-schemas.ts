import { z } from 'zod';
import { answer, secretField } from '../../http/index.ts';
import { LIMITS } from '../../x509/index.ts';
import { certificatesGet, errorEnvelope } from './schemas.ts';
import { MAX_CONTAINER_NAME } from './tenancy.ts';

/** What files look like that certificates come in and go out as (contract §7, §8). */

/** PAN-OS has no longer ones. */
const MAX_NAME = 63;

/** As those of the other operations; clients that fill in a form send the other two empty. */
const containerOrEmpty = z
  .string()
  .max(MAX_CONTAINER_NAME)
  .regex(/^[a-zA-Z\d\-_. ]*$/)
  .optional();

const passphrase = z.string().max(LIMITS.PASSPHRASE_CHARACTERS).optional();

const certificateFile = secretField(
  z.string().min(1).describe("Base64 of the file, or PEM as it is. A private key in it counts as the certificate's."),
);

/** `certificates-import`. */
export const importRequest = z
  .object({
    name: z
      .string()
      .min(1)
      .max(MAX_NAME)
      .refine((name) => !/\p{Cc}/u.test(name), 'must have no control characters')
      .describe('Unique in its container.'),
    certificate_file: certificateFile,
    format: z.enum(['pem', 'pkcs12', 'der']).default('pem').describe('Of `certificate_file`.'),
    key_file: z
      .string()
      .optional()
      .meta({ writeOnly: true, description: 'Base64 of the private key in PEM or DER, or PEM as it is.' }),
    passphrase: passphrase.meta({
      writeOnly: true,
      format: 'password',
      description: 'Opens `key_file` or the PKCS#12 file.',
    }),
    folder: containerOrEmpty,
    snippet: containerOrEmpty,
    device: containerOrEmpty,
  })
  .meta({ id: 'CertificatesImport' });

/** `certificates-import` as an echo, without its secrets, and with it what GET shows: each client reads one of the two. */
export const importedCertificate = certificatesGet
  .extend({
    format: z.enum(['pem', 'pkcs12', 'der']),
    certificate_file: secretField(
      z.string().describe('As it was sent; of what holds more than certificates, base64 of these in PEM.'),
    ),
  })
  .meta({ id: 'ImportedCertificate' });

/** `export-certificate-payload`. */
export const exportRequest = z
  .object({
    format: z
      .enum(['pem', 'pkcs12', 'der', 'pkcs10'])
      .describe('`pkcs12` needs a private key and a passphrase; `pkcs10` is a request for the same names and key.'),
    passphrase: passphrase.meta({
      writeOnly: true,
      format: 'password',
      description: 'Protects the private key, which comes with `pem` only where there is one.',
    }),
  })
  .meta({ id: 'ExportCertificatePayload' });

export const exportedCertificate = z
  .object({ certificate: secretField(z.string().describe("Base64 of the file's bytes.")) })
  .meta({ id: 'ExportedCertificate' });

/** Every error that these operations answer. */
export const transferErrors = {
  400: answer('A body, a parameter or a file that is not sound', errorEnvelope),
  401: answer('No token, or one that is not let in', errorEnvelope),
  403: answer('A right that is missing, or a private key that must not leave', errorEnvelope),
  404: answer('No such certificate', errorEnvelope),
  409: answer('A name that is taken, or more than one private key', errorEnvelope),
  413: answer('A body over the limit', errorEnvelope),
  429: answer('Too many requests of this token or this address. Retry-After says when to ask again.', errorEnvelope),
  500: answer('A mistake of the server, or a stored text that was tampered with', errorEnvelope),
  503: answer('Too much waits, or the database is away. Retry-After says when to ask again.', errorEnvelope),
};
