import { z } from 'zod';
import { answer, secretField } from '../../http/index.ts';
import { charField, choiceField, integerField } from './fields.ts';
import { CERTIFICATE_KEY_TYPES } from './query.ts';

/** The bodies and parameters of this API. Requests are validated by these; OpenAPI is generated from all of them. */

const keyType = z.enum(CERTIFICATE_KEY_TYPES).meta({ id: 'KeyTypeEnum' });
const privateKeyType = z
  .enum(['dh', 'dsa', 'ec', 'ed25519', 'ed448', 'rsa', 'x25519', 'x448'])
  .meta({ id: 'PrivateKeyTypeEnum' });
const readOnly = { readOnly: true };

export const certificateKeyPair = z
  .object({
    pk: z.string().meta({ ...readOnly, format: 'uuid', title: 'Kp uuid' }),
    name: z.string(),
    fingerprint_sha256: z
      .string()
      .nullable()
      .meta({ ...readOnly, description: 'SHA256 fingerprint of the certificate' }),
    fingerprint_sha1: z
      .string()
      .nullable()
      .meta({ ...readOnly, description: 'SHA1 fingerprint of the certificate' }),
    cert_expiry: z
      .string()
      .nullable()
      .meta({ ...readOnly, format: 'date-time', description: 'Certificate expiry date' }),
    cert_subject: z
      .string()
      .nullable()
      .meta({ ...readOnly, description: 'Certificate subject as RFC4514 string' }),
    private_key_available: z.boolean().meta({ ...readOnly, description: 'Whether a private key is stored' }),
    key_type: keyType.nullable().meta({ ...readOnly, description: "Type of the certificate's public key" }),
    private_key_type: privateKeyType
      .nullable()
      .meta({ ...readOnly, description: 'Type of the stored private key; the name that key_type had in 2024' }),
    certificate_download_url: z.string().meta({ ...readOnly, description: 'Path to download the certificate' }),
    private_key_download_url: z.string().meta({ ...readOnly, description: 'Path to download the private key' }),
    managed: z
      .string()
      .nullable()
      .meta({
        ...readOnly,
        title: 'Managed by Certkeep',
        description: 'Set on pairs that are managed automatically and may change at any time.',
      }),
  })
  .meta({ id: 'CertificateKeyPair' });

export const pagination = z
  .object({
    next: z.number(),
    previous: z.number(),
    count: z.number(),
    current: z.number(),
    total_pages: z.number(),
    start_index: z.number(),
    end_index: z.number(),
  })
  .meta({ id: 'Pagination' });

export const autocomplete = z.record(z.string(), z.unknown()).meta({ id: 'Autocomplete' });

export const certificateKeyPairList = z
  .object({ pagination, results: z.array(certificateKeyPair), autocomplete })
  .meta({ id: 'PaginatedCertificateKeyPairList' });

export const certificateData = z
  .object({ data: secretField(z.string().meta(readOnly)) })
  .meta({ id: 'CertificateData' });

export const usedBy = z
  .object({
    app: z.string(),
    model_name: z.string(),
    pk: z.string(),
    name: z.string(),
    action: z
      .enum(['cascade', 'cascade_many', 'set_null', 'set_default', 'left_dangling'])
      .meta({ id: 'UsedByActionEnum' }),
  })
  .meta({ id: 'UsedBy' });

const keypairFields = {
  name: charField({ allowBlank: false }),
  certificate_data: charField({ allowBlank: false, writeOnly: true, description: 'PEM-encoded certificate data' }),
  key_data: charField({
    allowBlank: true,
    writeOnly: true,
    description: 'Optional private key in PEM. Blank removes it.',
  }).optional(),
};

/** The body of POST and PUT. */
export const keypairRequest = z.object(keypairFields).meta({ id: 'CertificateKeyPairRequest' });
/** The body of PATCH: what is absent stays. */
export const patchedKeypairRequest = z.object(keypairFields).partial().meta({ id: 'PatchedCertificateKeyPairRequest' });

/** Either: the fields are the same, and PATCH requires none of them. */
export type KeypairSchema = z.ZodObject<{
  name: z.ZodType<string | undefined>;
  certificate_data: z.ZodType<string | undefined>;
  key_data: z.ZodType<string | undefined>;
}>;

export const generateRequest = z
  .object({
    common_name: charField({ allowBlank: false }),
    subject_alt_name: charField({ allowBlank: true, title: 'Subject-alt name' }).optional(),
    validity_days: integerField({}),
    alg: choiceField(['rsa', 'ecdsa', 'ed25519', 'ed448'], { description: 'rsa without it.' }).optional(),
  })
  .meta({ id: 'CertificateGenerationRequest' });

export const genericError = z
  .object({ detail: z.string(), code: z.string().optional() })
  .meta({ id: 'GenericError', description: 'Generic API Error' });

/** Texts by the field that they belong to. A search with U+0000 in it is answered with a bare array of texts. */
export const validationError = z
  .object({ non_field_errors: z.array(z.string()).optional(), code: z.string().optional() })
  .catchall(z.unknown())
  .meta({ id: 'ValidationError', description: 'Validation Error' });

/** Answers that every path may give, also where nothing is read. */
export const pathErrors = {
  403: answer('No token, a token that is not let in, or a right that is missing', genericError),
  404: answer('No such pair, no such page, or no such format', genericError),
  406: answer('The Accept header leaves out what there is', genericError),
  429: answer('Too many requests of this token or this address. Retry-After says when to ask again.', genericError),
};

/** Answers that any operation on pairs may give. */
export const readErrors = {
  ...pathErrors,
  400: answer('A parameter or a field that is not sound', z.union([validationError, z.array(z.string())])),
  500: answer('A mistake of the server, or a stored text that was tampered with', genericError),
  503: answer('Too much waits, or the database is away. Retry-After says when to ask again.', genericError),
};

const bodyTooLarge = answer('A body over the limit', genericError);

/** Those of an operation that takes a body and does not read it. */
export const bodilessErrors = { ...readErrors, 413: bodyTooLarge };

/** Those and the ones of a body. */
export const writeErrors = {
  ...bodilessErrors,
  415: answer('A body that is not JSON', genericError),
};

const writableFields = z.record(
  z.string(),
  z.object({
    type: z.string(),
    required: z.boolean(),
    read_only: z.boolean(),
    label: z.string(),
    help_text: z.string().optional(),
  }),
);

/** What OPTIONS says of a path; `actions` only to callers who may write there. */
export const metadata = z
  .object({
    name: z.string(),
    description: z.string(),
    renders: z.array(z.string()),
    parses: z.array(z.string()),
    actions: z.object({ POST: writableFields.optional(), PUT: writableFields.optional() }).optional(),
  })
  .meta({ id: 'Metadata' });

export const pkParameter = z.object({
  kp_uuid: z.string().meta({ format: 'uuid', description: 'A UUID string identifying this Certificate-Key Pair.' }),
});

export const filterParameters = z.object({
  has_key: z.boolean().optional().meta({ description: 'Only return certificate-key pairs with keys' }),
  key_type: z
    .array(z.enum(CERTIFICATE_KEY_TYPES))
    .optional()
    .meta({ description: 'Filter by key algorithm type (RSA, EC, DSA, etc). Can be specified multiple times' }),
  managed: z.string().optional(),
  name: z.string().optional(),
  search: z.string().optional().meta({ description: 'A search term.' }),
});

const includeDetails = z.boolean().optional().meta({
  description: 'False leaves fingerprints, expiry, subject and private_key_type null, as in 2024.',
});

/** Of every list. */
export const pageParameters = {
  ordering: z.string().optional().meta({ description: 'Which field to use when ordering the results.' }),
  page: z.number().optional().meta({ type: 'integer', description: 'A page number within the paginated result set.' }),
  page_size: z.number().optional().meta({ type: 'integer', description: 'Number of results to return per page.' }),
};

export const listParameters = filterParameters.extend({ include_details: includeDetails, ...pageParameters });

export const detailsParameter = z.object({ include_details: includeDetails });

export const detailParameters = filterParameters.extend({ include_details: includeDetails });

export const viewParameters = filterParameters.extend({
  download: z.boolean().optional().meta({ description: 'Return the PEM itself, as a file' }),
});
