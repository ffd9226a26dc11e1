import { CannotIssue } from '../errors.ts';
import { LIMITS } from '../limits.ts';
import { countSubjectAltNames, type NewSubjectAltNames, problemsOfSubjectAltNames } from './alternative-names.ts';
import type { CertificateAuthority } from './certificate-authority.ts';
import { isUri } from './general-name-syntax.ts';
import { type KeyDescription, problemOfKeySpec } from './key-spec.ts';
import { defaultUsages, type KeyUsage, problemsOfUsages, type Usages } from './key-usages.ts';
import { type NewName, problemsOfName } from './names.ts';
import { chooseSignature, type SignatureChoice } from './signature-methods.ts';
import { problemsOfValidity } from './validity.ts';

/** What a certificate is to say. What is left out is chosen to fit the key, and a CA or a leaf. */
export interface NewCertificate extends SignatureChoice {
  /** May be empty where there are alternative names, and the certificate is no CA and not signed by itself. */
  readonly subject: NewName;
  readonly subjectAltNames?: NewSubjectAltNames | undefined;
  /** Fractions of a second are cut off. */
  readonly notBefore: Date;
  readonly notAfter: Date;
  readonly isCa?: boolean | undefined;
  /** Of a CA: how many CAs may stand between it and a leaf. Without it, or null: any number. */
  readonly pathLength?: number | null | undefined;
  /** Without it: keyCertSign and cRLSign of a CA; digitalSignature of a leaf, with keyEncipherment where the key is RSA. */
  readonly keyUsage?: readonly KeyUsage[] | undefined;
  /** Names (`serverAuth` …) or dotted OBJECT IDENTIFIERs. Without it: none of a CA; serverAuth and clientAuth of a leaf. */
  readonly extendedKeyUsage?: readonly string[] | undefined;
  /** Where an OCSP responder of the signer is. */
  readonly ocspUrls?: readonly string[] | undefined;
  /** Where the signer's certificate is to be had. */
  readonly caIssuersUrls?: readonly string[] | undefined;
}

/** Many readers keep a path length in 32 bits with a sign; more says nothing. Our own reads more. */
const MAX_PATH_LENGTH = 0x7fff_ffff;
/** The tags and lengths around one text. */
const OCTETS_BESIDE_A_TEXT = 32;
/** A key and a signature of RSA-16384, an issuer, and the extensions of fixed length. */
const OCTETS_BESIDE_THE_TEXTS = 131_072;

/**
 * Everything that keeps a certificate from being issued, each code once, so that a caller learns of all of it before a key is made. Left to
 * `issueCertificate` is what takes the key itself: whether it loads, and whether it belongs to a certificate that is signed by itself.
 *
 * @param wanted texts as they are to read
 * @param subjectKey the key that is certified: one that is to be generated, or `describeKey` of one
 * @param authority the signer; null where the certificate is to be signed by itself
 * @returns in the order of the certificate's parts, with a stable code each; empty where it can be issued
 * @example
 * const dates = { notBefore: new Date('2026-01-02'), notAfter: new Date('2026-01-01') };
 * const wanted = { subject: [{ type: 'C', value: 'Germany' }], ...dates };
 * const problems = checkNewCertificate(wanted, { type: 'ed25519' }, null);
 * problems.map(({ code }) => code); // → ['COUNTRY_NOT_TWO_LETTERS', 'VALIDITY_REVERSED']
 */
export function checkNewCertificate(
  wanted: NewCertificate,
  subjectKey: KeyDescription,
  authority: CertificateAuthority | null,
): CannotIssue[] {
  const usages = usagesOf(wanted, subjectKey);
  const signerKey = authority?.key ?? subjectKey;
  return [
    ...problemsOfName(wanted.subject),
    ...problemsOfPresence(wanted, authority),
    ...problemsOfSubjectAltNames(wanted.subjectAltNames ?? {}),
    ...problemsOfSize(wanted),
    ...problemsOfValidity(wanted, authority),
    ...problemsOfPathLength(wanted, authority),
    ...problemsOfUsages(usages, subjectKey.type, wanted.isCa ?? false),
    ...problemsOfLocations(wanted),
    ...problemsOfKey(subjectKey),
    ...problemsOfSignature(signerKey, wanted),
  ];
}

/** The usages that are given, and what fits for those that are not. */
export function usagesOf({ keyUsage, extendedKeyUsage, isCa }: NewCertificate, { type }: KeyDescription): Usages {
  const defaults = defaultUsages(type, isCa ?? false);
  return {
    keyUsage: keyUsage ?? defaults.keyUsage,
    extendedKeyUsage: extendedKeyUsage ?? defaults.extendedKeyUsage,
  };
}

/** RFC 5280 §4.1.2.4: an issuer has a name. §4.1.2.6: so has a CA, and everybody who has no alternative one. */
function problemsOfPresence(wanted: NewCertificate, authority: CertificateAuthority | null): CannotIssue[] {
  if (wanted.subject.length > 0) return [];
  if (wanted.isCa) return [new CannotIssue('CA_WITHOUT_SUBJECT', 'a CA has an empty subject')];
  if (countSubjectAltNames(wanted.subjectAltNames ?? {}) === 0) {
    return [new CannotIssue('SUBJECT_MISSING', 'there is neither a subject nor an alternative name')];
  }
  return authority === null
    ? [new CannotIssue('ISSUER_NAME_EMPTY', 'a self-signed certificate has an empty issuer')]
    : [];
}

/** A certificate past the limits that every certificate meets would not be read back. */
function problemsOfSize({
  subjectAltNames = {},
  ocspUrls = [],
  caIssuersUrls = [],
  ...rest
}: NewCertificate): CannotIssue[] {
  const { dns = [], ip = [], email = [], uri = [] } = subjectAltNames;
  const texts = [dns, ip, email, uri, ocspUrls, caIssuersUrls, rest.extendedKeyUsage ?? []].flat();
  const octets = texts.reduce((sum, text) => sum + text.length + OCTETS_BESIDE_A_TEXT, OCTETS_BESIDE_THE_TEXTS);
  return octets > LIMITS.DER_BYTES
    ? [new CannotIssue('CERTIFICATE_TOO_LARGE', 'a certificate of this size would not be read back')]
    : [];
}

function problemsOfPathLength(wanted: NewCertificate, authority: CertificateAuthority | null): CannotIssue[] {
  const { isCa = false, pathLength = null } = wanted;
  const isNumber = Number.isInteger(pathLength) && (pathLength ?? -1) >= 0 && (pathLength ?? 0) <= MAX_PATH_LENGTH;
  if (pathLength !== null && !(isCa && isNumber)) {
    return [new CannotIssue('PATH_LENGTH_UNFIT', 'a path length is no count, or not that of a CA')];
  }
  // A CA without a limit of its own takes the signer's (RFC 5280 §6.1.4 m); one with a wider limit would promise what it can't keep.
  const left = isCa ? (authority?.pathLength ?? null) : null;
  return left !== null && (pathLength ?? 0) >= left
    ? [new CannotIssue('SIGNER_PATH_LENGTH_EXCEEDED', "the signer's path length leaves no room for this CA")]
    : [];
}

function problemsOfLocations({ ocspUrls = [], caIssuersUrls = [] }: NewCertificate): CannotIssue[] {
  return [...ocspUrls, ...caIssuersUrls].every(isUri)
    ? []
    : [new CannotIssue('ACCESS_LOCATION_MALFORMED', 'the place of a service is not an absolute URI')];
}

function problemsOfKey(key: KeyDescription): CannotIssue[] {
  const spec = key.type === 'rsa-pss' ? ({ type: 'rsa', bits: key.bits } as const) : key;
  const problem = spec.type === 'rsa' || spec.type === 'ec' ? problemOfKeySpec(spec) : null;
  return problem === null ? [] : [problem];
}

function problemsOfSignature(key: KeyDescription, choice: SignatureChoice): CannotIssue[] {
  try {
    chooseSignature(key, choice);
    return [];
  } catch (error) {
    if (error instanceof CannotIssue) return [error];
    throw error;
  }
}
