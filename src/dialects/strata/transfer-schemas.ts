import { z } from 'zod';
import { secretField } from '../../http/index.ts';
import { LIMITS } from '../../x509/index.ts';
import { MAX_CERTIFICATE_NAME } from './generate-request.ts';
import { certificatesGet, containerFields } from './schemas.ts';
import { text } from './text-field.ts';

/** What files look like that certificates come in and go out as (contract §7, §8). */

const passphrase = z.string().max(LIMITS.PASSPHRASE_CHARACTERS).optional();

const certificateFile = secretField(
  z.string().min(1).describe("Base64 of the file, or PEM as it is. A private key in it counts as the certificate's."),
);

/** `certificates-import`. */
export const importRequest = z
  .object({
    name: text({ min: 1, max: MAX_CERTIFICATE_NAME }).describe('Unique in its container.'),
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
    ...containerFields,
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
