import type { KeyObject } from 'node:crypto';
import { curveByName } from '../curves.ts';
import { CannotIssue } from '../errors.ts';
import { LIMITS } from '../limits.ts';

/** A key that can be generated. */
export type KeySpec =
  | { readonly type: 'rsa'; readonly bits: number }
  /** `curve` is OpenSSL's short name: `prime256v1`, `secp384r1` … */
  | { readonly type: 'ec'; readonly curve: string }
  | { readonly type: 'ed25519' }
  | { readonly type: 'ed448' };

/** What of a key decides how it signs and what it may be used for; also of keys that are not generated here. */
export type KeyDescription =
  | KeySpec
  | { readonly type: 'dsa'; readonly bits: number }
  | { readonly type: 'rsa-pss'; readonly bits: number; readonly restriction: PssRestriction | null }
  | { readonly type: 'x25519' | 'x448' | 'other' };

/** What RSASSA-PSS parameters of a key allow its signatures (RFC 4055 §3.3); digests as node:crypto names them. */
export interface PssRestriction {
  readonly digest: string;
  readonly maskDigest: string;
  /** Octets, at least. */
  readonly saltLength: number;
}

/** What OpenSSL generates at least; what is too weak is for a dialect to say. */
const MIN_RSA_BITS = 512;

/** What keeps a key from being generated: RSA_BITS_UNFIT (512 to 16,384), CURVE_UNKNOWN. Null where nothing does. */
export function problemOfKeySpec(spec: KeySpec): CannotIssue | null {
  if (spec.type === 'rsa') {
    const isFit = Number.isInteger(spec.bits) && spec.bits >= MIN_RSA_BITS && spec.bits <= LIMITS.RSA_BITS;
    return isFit ? null : new CannotIssue('RSA_BITS_UNFIT', 'no RSA key of so many bits is generated');
  }
  if (spec.type === 'ec' && curveByName(spec.curve) === null) {
    return new CannotIssue('CURVE_UNKNOWN', 'the curve is not one that keys are read on');
  }
  return null;
}

/**
 * Describes a public or private key, of any type. An RSASSA-PSS key that `openPrivateKey` opened is an RSA key.
 *
 * @returns sizes in bits, curves by OpenSSL's short name
 * @example
 * describeKey(openPrivateKey(privateKeyPem)); // → { type: 'ec', curve: 'prime256v1' }
 */
export function describeKey(key: KeyObject): KeyDescription {
  const { modulusLength = 0, namedCurve = '' } = key.asymmetricKeyDetails ?? {};
  switch (key.asymmetricKeyType) {
    case 'rsa':
      return { type: 'rsa', bits: modulusLength };
    case 'rsa-pss':
      return { type: 'rsa-pss', bits: modulusLength, restriction: pssRestriction(key) };
    case 'ec':
      return { type: 'ec', curve: namedCurve };
    case 'dsa':
      return { type: 'dsa', bits: modulusLength };
    case 'ed25519':
    case 'ed448':
    case 'x25519':
    case 'x448':
      return { type: key.asymmetricKeyType };
    default:
      return { type: 'other' };
  }
}

function pssRestriction({ asymmetricKeyDetails = {} }: KeyObject): PssRestriction | null {
  const { hashAlgorithm, mgf1HashAlgorithm, saltLength = 0 } = asymmetricKeyDetails;
  if (hashAlgorithm === undefined || mgf1HashAlgorithm === undefined) return null;
  return { digest: hashAlgorithm, maskDigest: mgf1HashAlgorithm, saltLength };
}
