import { z } from 'zod';
import { answer } from '../../http/index.ts';
import { CONTAINER_NAME, MAX_CONTAINER_NAME } from './tenancy.ts';

/** What requests and answers of this API look like. */

/** How every route but those of tokens is protected. */
export const SECURITY = [{ scmToken: [] }];

/** Exactly as many rows as a client asks for, up to this: one that gets fewer takes the list for ended (contract §3). */
export const MAX_LIMIT = 5000;
export const DEFAULT_LIMIT = 200;

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

/** Contract §6. */
export const certificatesList = z
  .object({
    data: z.array(certificatesGet),
    offset: z.int().min(0),
    total: z.int().min(0).describe('How many match, on all pages.'),
    limit: z.int().min(1).max(MAX_LIMIT),
  })
  .meta({ id: 'CertificatesList' });

export const idParameter = z.object({ id: z.string().meta({ format: 'uuid' }) });

/** Contract §3. */
export const listQuery = z.object({
  name: z
    .string()
    .optional()
    .describe('An exact name. Below /config/identity/v1 the answer is that certificate alone, or 404.'),
  ...containerFields,
  limit: z.int().min(1).max(MAX_LIMIT).default(DEFAULT_LIMIT),
  offset: z.int().min(0).default(0),
});

/** Answers that every operation may give (contract §2, §9). */
export const readErrors = {
  400: answer('A parameter or a field that is not sound, or an Accept header that leaves out JSON', errorEnvelope),
  401: answer('No access token, or one that is not let in', errorEnvelope),
  403: answer('A right that is missing', errorEnvelope),
  404: answer('No such certificate', errorEnvelope),
  429: answer('Too many requests of this token or this address. Retry-After says when to ask again.', errorEnvelope),
  500: answer('A mistake of the server, or a stored text that was tampered with', errorEnvelope),
  503: answer('Too much waits, or the database is away. Retry-After says when to ask again.', errorEnvelope),
  504: answer('The database did not answer in time', errorEnvelope),
};

/** Those of an operation that takes a body, whether it reads it or not. */
export const writeErrors = {
  ...readErrors,
  409: answer('A name that is taken, or a certificate that others were signed by', errorEnvelope),
  413: answer('A body over the limit', errorEnvelope),
};
