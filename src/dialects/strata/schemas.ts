import { z } from 'zod';
import { CONTAINER_NAME, MAX_CONTAINER_NAME } from './tenancy.ts';

/** What requests and answers of this API look like. */

const containerName = z.string().min(1).max(MAX_CONTAINER_NAME).regex(CONTAINER_NAME);

/** Exactly one of the three, in the query or in the body; both where they are equal (contract §4). */
export const containerFields = {
  folder: containerName.optional().describe('The folder in which the certificate is kept.'),
  snippet: containerName.optional().describe('The snippet in which the certificate is kept.'),
  device: containerName.optional().describe('The device on which the certificate is kept.'),
};

export const containerQuery = z.object(containerFields);

const fullDate = z
  .string()
  .describe('As a full-date of RFC 3339; below /sse/config/v1 as OpenSSL prints it, where so configured.');

/** Contract §5. */
export const certificatesGet = z
  .object({
    id: z.uuid().meta({ readOnly: true }),
    name: z.string(),
    ...containerFields,
    algorithm: z.string().describe('Of the public key: RSA, EC and others.'),
    ca: z.boolean().describe('Whether it is the certificate of a CA.'),
    common_name: z.string(),
    common_name_int: z.string().describe('The same.'),
    expiry_epoch: z.string().describe('Seconds since 1970 until the end of its validity.'),
    issuer: z.string().describe('On one line, as OpenSSL writes it.'),
    issuer_hash: z.string().describe('Eight hexadecimal digits, as OpenSSL computes them.'),
    subject: z.string().describe('On one line, as OpenSSL writes it.'),
    subject_hash: z.string().describe('Eight hexadecimal digits, as OpenSSL computes them.'),
    subject_int: z.string().describe('The same as `subject`.'),
    not_valid_before: fullDate,
    not_valid_after: fullDate,
    public_key: z.string().describe('The certificate in PEM.'),
  })
  .meta({ id: 'CertificatesGet' });

/** Contract §9. */
export const errorEnvelope = z
  .object({
    _errors: z.array(
      z.object({
        code: z.string(),
        message: z.string(),
        details: z.object({ errorType: z.string(), message: z.array(z.string()) }),
        help: z.string(),
      }),
    ),
    _request_id: z.uuid(),
  })
  .meta({ id: 'StrataErrors' });
