import { z } from 'zod';
import { CERTIFICATE_USES, DESIRED_STATES, MAX_COMMON_NAME, TRUST_STATES } from '../../keypairs/index.ts';
import { base64, booleanText, identifier, items, text, timestamp } from './fields.ts';

/** What requests and answers of this API look like. */

/** Contract §1. */
export const CERTIFICATE_TYPE = 'application/astra-certificate';
export const CERTIFICATE_MEDIA_TYPE = `${CERTIFICATE_TYPE}+json`;
export const CERTIFICATES_TYPE = 'application/astra-certificates';
export const CERTIFICATES_MEDIA_TYPE = `${CERTIFICATES_TYPE}+json`;

/** Both say the same (contract §0). */
const VERSIONS = ['1.0', '1.1'] as const;

const version = z.enum(VERSIONS);
const certUse = z.enum(CERTIFICATE_USES);
const trustState = z.enum(TRUST_STATES);
const trustStateDesired = z.enum(DESIRED_STATES);

const label = z.strictObject({ name: z.string(), value: z.string() });
const transition = z.strictObject({ from: trustState, to: items(trustState) });
const stateDetail = z.strictObject({
  type: z
    .string()
    .regex(/^[A-Za-z][A-Za-z0-9+.-]*:\S*$/)
    .meta({ format: 'uri' }),
  title: text(40),
  detail: text(511),
  additionalDetails: z.record(z.string(), z.unknown()).optional(),
});

/** Contract §5, as it is sent. Of all but the labels the service is in charge. */
const metadata = z.strictObject({
  labels: items(label, ({ name, value }) => JSON.stringify([name, value])).optional(),
  creationTimestamp: timestamp.optional(),
  modificationTimestamp: timestamp.optional(),
  createdBy: identifier.optional(),
  modifiedBy: identifier.optional(),
});

/** The body of a POST (contract §2). */
export const newCertificate = z
  .strictObject({
    type: z.literal(CERTIFICATE_TYPE),
    version,
    certUse: certUse.optional().describe('rootCA unless it is given.'),
    cert: base64.describe('Base64 of one certificate, in PEM or DER.'),
    isSelfSigned: booleanText.optional().describe('What the client says of it; false unless it is given.'),
    trustStateDesired: trustStateDesired.optional().describe('trusted unless it is given.'),
    metadata: metadata.optional(),
  })
  .meta({ id: 'AstraNewCertificate' });

/** The body of a PUT (contract §2): every field of the resource, and what is absent stays. */
export const changedCertificate = z
  .strictObject({
    ...newCertificate.shape,
    id: identifier.optional().describe('That of the path.'),
    cert: newCertificate.shape.cert.optional(),
    cn: text(MAX_COMMON_NAME).optional(),
    expiryTimestamp: timestamp.optional(),
    certUse: certUse.optional(),
    isSelfSigned: booleanText
      .optional()
      .describe('What the client says of the certificate; false where `cert` comes without it.'),
    trustState: trustState.optional(),
    trustStateTransitions: items(transition, ({ from, to }) => JSON.stringify([from, to])).optional(),
    trustStateDesired: trustStateDesired.optional(),
    trustStateDetails: items(stateDetail).optional(),
  })
  .meta({ id: 'AstraChangedCertificate' });

/** The resource (contract §2). */
export const certificate = z
  .strictObject({
    type: z.literal(CERTIFICATE_TYPE),
    version: version.describe('As it was written last.'),
    id: identifier,
    certUse,
    cert: base64.describe('Base64 of the certificate in PEM.'),
    cn: text(MAX_COMMON_NAME).describe('The common name of its subject.'),
    expiryTimestamp: timestamp.describe('Until when it is valid.'),
    isSelfSigned: booleanText.describe('What the client said of it.'),
    trustState: trustState.describe('Whether it is in the trust store of its account.'),
    trustStateTransitions: z.array(z.strictObject({ from: trustState, to: z.array(trustState) })),
    trustStateDesired,
    trustStateDetails: z.array(stateDetail).describe('Why it is not trusted, where that is not what was desired.'),
    metadata: z.strictObject({
      labels: z.array(label),
      creationTimestamp: timestamp,
      modificationTimestamp: timestamp,
      createdBy: identifier,
      modifiedBy: identifier,
    }),
  })
  .meta({ id: 'AstraCertificate' });

/** Contract §3.6. */
export const certificateList = z
  .strictObject({
    type: z.literal(CERTIFICATES_TYPE),
    version,
    items: z
      .array(z.union([certificate, z.array(z.unknown())]))
      .describe('With `include`, the values of the fields that were asked for, in that order.'),
    metadata: z.strictObject({
      continue: base64.optional().describe('Where more is left: asks for the next page.'),
    }),
  })
  .meta({ id: 'AstraCertificates' });

const reasons = z.array(z.object({ name: z.string(), reason: z.string() })).min(1);

/** Contract §6 (RFC 9457). */
export const problem = z
  .object({
    type: z.string().meta({ format: 'uri' }),
    title: z.string(),
    detail: z.string(),
    status: z
      .string()
      .regex(/^\d{3}$/)
      .describe('The status of the answer.'),
    correlationID: identifier.describe('By which the log knows the request.'),
    invalidFields: reasons.optional().describe('Of problems 9 and 10.'),
    invalidParams: reasons.optional().describe('Of problems 5, 6 and 12.'),
    schemaValidationFailure: z.string().optional().describe('Of problem 8: the first failure.'),
  })
  .meta({ id: 'AstraProblem' });
