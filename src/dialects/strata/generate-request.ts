import { z } from 'zod';
import { isDnsName, isEmailAddress, isUri, parseIpAddress } from '../../x509/index.ts';
import { containerFields } from './schemas.ts';
import { type Syntax, text, texts } from './text-field.ts';

/** The body of `generate` (contract §4). */

/** A bound of ours: the contract states none (§4), and names of PAN-OS are short. */
export const MAX_CERTIFICATE_NAME = 63;
/** A century: the contract states no bound. */
export const MAX_DAYS = 36_500;
export const DEFAULT_DAYS = 365;
/** X.520's upper bounds (RFC 5280 Appendix A.1) of what the contract does not bound itself. */
const MAX_COMMON_NAME = 64;
const MAX_UNIT = 64;

const EMAIL: Syntax = { isSound: isEmailAddress, words: 'must be an e-mail address' };
const HOSTNAME: Syntax = {
  isSound: isDnsName,
  words: 'must be a DNS name in ASCII; * may stand for its first label',
};
const ADDRESS: Syntax = {
  isSound: (value) => parseIpAddress(value) !== null,
  words: 'must be an IPv4 or IPv6 address',
};
const COUNTRY: Syntax = {
  isSound: (value) => /^[A-Za-z]{2}$/.test(value),
  words: 'must be two letters (ISO 3166)',
};
const URL_SYNTAX: Syntax = { isSound: isUri, words: 'must be an absolute URL in ASCII' };

/** Numbers alone: `2048.0` is 2048, and `"2048"` is none. */
function oneOf<const Value extends number>(values: readonly Value[], noSuch: string) {
  return z.literal(values, {
    error: ({ input }) => (typeof input === 'number' ? noSuch : `must be a number: ${values.join(', ')}`),
  });
}

const rsaBits = oneOf([512, 1024, 2048, 3072, 4096], 'must be 512, 1024, 2048, 3072 or 4096');

/** Contract §4.1: 245 is a slip of its schema for 256, and its larger sizes are RSA's. */
const ecdsaBits = oneOf([245, 256, 384], 'there is no such curve: 245 and 256 are P-256, 384 is P-384');

const algorithm = z
  .object({ rsa_number_of_bits: rsaBits.optional(), ecdsa_number_of_bits: ecdsaBits.optional() })
  .refine(
    (sizes) => (sizes.rsa_number_of_bits === undefined) !== (sizes.ecdsa_number_of_bits === undefined),
    'must have exactly one of rsa_number_of_bits and ecdsa_number_of_bits',
  )
  .meta({ oneOf: [{ required: ['rsa_number_of_bits'] }, { required: ['ecdsa_number_of_bits'] }] })
  .describe('Exactly one of the two. 245 and 256 are P-256.');

/** Where the contract states no minimum, an empty text is none. */
export const certificatesPost = z
  .object({
    ...containerFields,
    certificate_name: text({ min: 1, max: MAX_CERTIFICATE_NAME }).describe(
      'The name of the certificate in its container, where it is unique.',
    ),
    common_name: text({ min: 1, max: MAX_COMMON_NAME }),
    algorithm,
    digest: z
      .enum(['md5', 'sha1', 'sha256', 'sha384', 'sha512'])
      .describe('Of the signature, by the key of the signer.'),
    signed_by: text({ max: 64 })
      .optional()
      .describe('The name of a CA in the same container. Without it the certificate is signed by itself.'),
    day_till_expiration: z
      .number()
      .int()
      .min(1)
      .max(MAX_DAYS)
      .optional()
      .describe(`In days. Without it ${DEFAULT_DAYS}, or some hours fewer where the signer ends then.`),
    is_certificate_authority: z.boolean().optional(),
    is_block_privateKey: z.boolean().optional().describe('Whether the private key never leaves.'),
    email: text({ max: 255, format: 'email', syntax: EMAIL }).optional().describe('An alternative name.'),
    alternate_email: texts({ syntax: EMAIL }).optional().describe('Alternative names.'),
    hostname: texts({ min: 1, max: 64, format: 'hostname', syntax: HOSTNAME })
      .optional()
      .describe('Alternative names.'),
    ip: texts({ min: 1, max: 64, syntax: ADDRESS }).optional().describe('Alternative names.'),
    country_code: text({ syntax: COUNTRY }).optional(),
    state: text({ max: 32 }).optional(),
    locality: text({ max: 64 }).optional(),
    department: texts({ max: MAX_UNIT }).optional(),
    ocsp_responder_url: text({ max: 64, syntax: URL_SYNTAX }).optional(),
  })
  .meta({ id: 'CertificatesPost' });

export type CertificatesPost = z.output<typeof certificatesPost>;
