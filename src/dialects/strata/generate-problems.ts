import { type CertificateAuthority, type IssuingErrorCode, X509Error } from '../../x509/index.ts';
import type { FieldProblem } from './errors.ts';

/** Which field is at fault where a certificate can't be issued, and how that is said. What the schema refuses is not among it. */

type Wording = readonly [field: string, text: string];

const TOO_MANY_NAMES: Wording = ['hostname', 'there are too many alternative names for a certificate'];

const WORDINGS: Readonly<Partial<Record<IssuingErrorCode, Wording>>> = {
  NAME_TOO_LONG: ['department', 'there are too many for a subject'],
  SUBJECT_ALT_NAMES_TOO_MANY: TOO_MANY_NAMES,
  CERTIFICATE_TOO_LARGE: TOO_MANY_NAMES,
  DIGEST_UNFIT: ['digest', "the signer's key makes no signature with it"],
  DIGEST_TOO_LARGE: ['digest', "is too big for the signer's RSA key"],
  KEY_CANNOT_SIGN: ['signed_by', 'its key can not sign'],
  SIGNER_KEY_MISMATCH: ['signed_by', 'its key is not that of its certificate'],
  SIGNER_NOT_A_CA: ['signed_by', 'is not a CA'],
  SIGNER_LACKS_CERT_SIGN: ['signed_by', 'its key usage does not let it sign certificates'],
  SIGNER_WITHOUT_SUBJECT: ['signed_by', 'its certificate has no subject'],
  SIGNER_CONSTRAINED: ['signed_by', 'its certificate has constraints that are not checked here'],
  SIGNER_PATH_LENGTH_EXCEEDED: ['is_certificate_authority', 'the path length of the signer allows no CA below it'],
  BEGINS_BEFORE_SIGNER: ['signed_by', 'is not valid yet'],
};

/**
 * What is wrong with a field, from what x509/ says of the whole.
 *
 * @param authority the signer, where it could be opened
 * @throws error where a client can't be at fault
 */
export function problemOf(error: unknown, authority: CertificateAuthority | null = null): FieldProblem {
  if (!(error instanceof X509Error)) {
    throw error;
  }
  if (error.code === 'OUTLIVES_SIGNER' && authority !== null) {
    const end = authority.notAfter.toISOString().replace('.000', '');
    return { field: 'day_till_expiration', text: `must end no later than the signer, at ${end}` };
  }
  if (UNREADABLE.has(error.code)) {
    return { field: 'signed_by', text: 'its key can not be used here', reason: error.reason };
  }
  const wording = (WORDINGS as Partial<Record<string, Wording>>)[error.code];
  if (wording === undefined) {
    throw error;
  }
  const [field, text] = wording;
  return { field, text };
}

/** Of the stored texts of a signer: OpenSSL may refuse to compute with what can be stored. */
const UNREADABLE: ReadonlySet<string> = new Set(['NOT_A_CERTIFICATE', 'NOT_A_PRIVATE_KEY', 'BEYOND_LIMITS']);
