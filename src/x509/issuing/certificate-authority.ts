import type { KeyObject } from 'node:crypto';
import { loadCertificate } from '../certificate.ts';
import { readCertificate } from '../certificate-structure.ts';
import { decodeBitString } from '../der/bit-string.ts';
import { Tag } from '../der/tags.ts';
import { CannotIssue } from '../errors.ts';
import { type Extension, interpret } from '../extensions.ts';
import { Oid } from '../oids.ts';
import { openLoaded } from '../open-private-key.ts';
import { belongTogether } from '../private-key.ts';
import { deriveKeyId } from './certificate-extensions.ts';
import { describeKey, type KeyDescription } from './key-spec.ts';
import { withPssRestriction } from './pss-restriction.ts';

/** A CA that signs: what the certificates below it take from it, and what it may not sign. */
export interface CertificateAuthority {
  /** DER of its Name, which becomes their issuer byte for byte. */
  readonly subjectDer: Buffer;
  /** Its subjectKeyIdentifier; where it has none, what it would be. */
  readonly keyId: Buffer;
  readonly notBefore: Date;
  readonly notAfter: Date;
  /** How many CAs may stand between it and a leaf; null without a limit. */
  readonly pathLength: number | null;
  readonly privateKey: KeyObject;
  /** How the certificate has the key: what is signed must verify with that one. */
  readonly key: KeyDescription;
}

/** KeyUsage's keyCertSign is bit 5, counted from the highest. */
const KEY_CERT_SIGN = 0x80 >> 5;
const EMPTY_NAME_OCTETS = 2;

/** Critical, these don't keep a CA from signing what is issued here: they are heeded, or say nothing of what it signs but its policies. */
const HEEDED: ReadonlySet<string> = new Set([
  Oid.basicConstraints,
  Oid.keyUsage,
  Oid.extendedKeyUsage,
  Oid.subjectKeyIdentifier,
  Oid.authorityKeyIdentifier,
  Oid.subjectAltName,
  // RFC 5280 §4.2.1.7, §4.2.1.4, §4.2.1.5, §4.2.1.11, §4.2.1.14: issuerAltName and what is about policies.
  ...['2.5.29.18', '2.5.29.32', '2.5.29.33', '2.5.29.36', '2.5.29.54'],
]);

/**
 * Opens a stored CA for signing. Whether its time is over is not asked here: nothing that it signs may outlive it. Its extended
 * key usages and the path above it are not looked at: what it signs against those is issued, and verifies nowhere.
 *
 * @param certificate PEM; the first certificate counts
 * @param privateKey PEM, unencrypted
 * @throws NotACertificate, NotAPrivateKey, BeyondLimits; CannotIssue SIGNER_KEY_MISMATCH, SIGNER_NOT_A_CA (basicConstraints, RFC 5280
 * §4.2.1.9), SIGNER_LACKS_CERT_SIGN (a keyUsage without keyCertSign, §4.2.1.3), SIGNER_WITHOUT_SUBJECT (§4.1.2.6), SIGNER_CONSTRAINED
 * (nameConstraints, §4.2.1.10, or a critical extension that is not known here: nobody checks what is signed against those)
 * @example
 * const keys = await generateKeyPair('ecdsa');
 * const dates = { notBefore: new Date('2026-01-01'), notAfter: new Date('2036-01-01') };
 * const wanted = { subject: [{ type: 'CN', value: 'Example CA' }], ...dates, isCa: true, pathLength: 0 };
 * const certificate = await issueCertificate(wanted, keys.publicKey, keys.privateKey);
 * openAuthority(certificate, keys.privateKey.export({ format: 'pem', type: 'pkcs8' })).pathLength; // → 0
 * openAuthority(certificate, privateKeyPem); // throws SIGNER_KEY_MISMATCH
 */
export function openAuthority(certificate: string, privateKey: string): CertificateAuthority {
  const { facts, der } = loadCertificate(certificate);
  const { key, loaded } = openLoaded(privateKey);
  const { extensions, publicKey } = readCertificate(der);
  const refusals: readonly [isRefused: boolean, CannotIssue['code'], reason: string][] = [
    [!belongTogether({ facts }, loaded), 'SIGNER_KEY_MISMATCH', "the key is not the certificate's"],
    [!facts.isCa, 'SIGNER_NOT_A_CA', 'the signer is no CA'],
    [!maySignCertificates(extensions), 'SIGNER_LACKS_CERT_SIGN', 'the signer has a key usage without keyCertSign'],
    [facts.subjectDer.length === EMPTY_NAME_OCTETS, 'SIGNER_WITHOUT_SUBJECT', 'the signer has an empty subject'],
    [isConstrained(extensions), 'SIGNER_CONSTRAINED', 'the signer has constraints that are not checked here'],
  ];
  for (const [isRefused, code, reason] of refusals) {
    if (isRefused) throw new CannotIssue(code, reason);
  }
  return {
    subjectDer: facts.subjectDer,
    keyId: facts.subjectKeyId === null ? deriveKeyId(publicKey) : Buffer.from(facts.subjectKeyId, 'hex'),
    notBefore: facts.notBefore,
    notAfter: facts.notAfter,
    pathLength: facts.pathLength,
    privateKey: key,
    key: withPssRestriction(describeKey(key), publicKey),
  };
}

/** Without the extension every usage is allowed; with one that can't be read, none. */
function maySignCertificates(extensions: readonly Extension[]): boolean {
  if (extensions.every(({ oid }) => oid !== Oid.keyUsage)) return true;
  const bits = interpret(extensions, Oid.keyUsage, (reader) => decodeBitString(reader.expect(Tag.BitString).content));
  return ((bits?.[0] ?? 0) & KEY_CERT_SIGN) !== 0;
}

function isConstrained(extensions: readonly Extension[]): boolean {
  return extensions.some(({ oid, critical }) => oid === Oid.nameConstraints || (critical && !HEEDED.has(oid)));
}
