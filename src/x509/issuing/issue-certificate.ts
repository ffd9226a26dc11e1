import { createPublicKey, KeyObject } from 'node:crypto';
import { readPublicKeyInfo, type SubjectPublicKeyInfo } from '../certificate-structure.ts';
import { DerError } from '../der/error.ts';
import { parseDer } from '../der/reader.ts';
import { Tag } from '../der/tags.ts';
import { encodeDer } from '../der/writer.ts';
import { CannotIssue } from '../errors.ts';
import { Oid } from '../oids.ts';
import { writePem } from '../pem.ts';
import { describePublicKey, loadPublicKey } from '../public-key.ts';
import { digestPublicHalf, digestPublicKey } from '../public-key-digest.ts';
import { buildSubjectAltNames, countSubjectAltNames } from './alternative-names.ts';
import type { CertificateAuthority } from './certificate-authority.ts';
import {
  authorityInfoAccess,
  authorityKeyIdentifier,
  basicConstraints,
  deriveKeyId,
  extendedKeyUsage,
  keyUsage,
  subjectKeyIdentifier,
} from './certificate-extensions.ts';
import { describeKey, type KeyDescription } from './key-spec.ts';
import { buildName } from './names.ts';
import { checkNewCertificate, type NewCertificate, usagesOf } from './new-certificate.ts';
import { withPssRestriction } from './pss-restriction.ts';
import { randomSerialNumber } from './serial-number.ts';
import { chooseSignature } from './signature-methods.ts';
import { signValue } from './signing.ts';
import { buildTbsCertificate, type NewExtension } from './tbs-certificate.ts';

/**
 * Issues a certificate by the profile of RFC 5280 §4: version 3, a serial number of 128 random bits, basicConstraints, keyUsage, the
 * usages that were asked for or that fit, both key identifiers (RFC 7093 §2 (1) where the CA does not say otherwise).
 *
 * @param wanted texts as they are to read
 * @param subjectPublicKey the key that is certified, or the DER of its SubjectPublicKeyInfo, which is then written byte for byte
 * @param signer the private key of `subjectPublicKey`, for a certificate that is signed by itself; or the CA that signs
 * @returns PEM with a trailing newline
 * @throws CannotIssue with the first that `checkNewCertificate` finds; PUBLIC_KEY_UNFIT for a public key that OpenSSL or pyca can't
 * load, or whose curve is not named (RFC 5480 §2.1.1);
 * SIGNER_KEY_MISMATCH where the certificate is to be signed by itself, with the key of another
 * @example
 * const { publicKey, privateKey } = await generateKeyPair({ type: 'ec', curve: 'prime256v1' });
 * const dates = { notBefore: new Date('2026-01-01'), notAfter: new Date('2036-01-01') };
 * const wanted = { subject: [{ type: 'O', value: 'Example' }, { type: 'CN', value: 'Example CA' }], ...dates, isCa: true };
 * const { facts } = loadCertificate(await issueCertificate(wanted, publicKey, privateKey));
 * [facts.subject, facts.isCa, facts.selfSigned]; // → ['CN=Example CA,O=Example', true, true]
 */
export async function issueCertificate(
  wanted: NewCertificate,
  subjectPublicKey: KeyObject | Buffer,
  signer: KeyObject | CertificateAuthority,
): Promise<string> {
  const { info, description } = readSubjectKey(subjectPublicKey);
  const authority = signer instanceof KeyObject ? null : signer;
  const privateKey = signer instanceof KeyObject ? signer : signer.privateKey;
  const [problem] = checkNewCertificate(wanted, description, authority);
  if (problem !== undefined) throw problem;
  if (authority === null && digestPublicHalf(privateKey) !== digestPublicKey(info)) {
    throw new CannotIssue('SIGNER_KEY_MISMATCH', 'the private key is not that of the public key');
  }
  const method = chooseSignature(authority?.key ?? description, wanted);
  const subject = encodeDer(buildName(wanted.subject));
  const tbs = buildTbsCertificate(
    {
      serialNumber: randomSerialNumber(),
      issuer: authority?.subjectDer ?? subject,
      notBefore: wanted.notBefore,
      notAfter: wanted.notAfter,
      subject,
      publicKeyInfo: info.encoded,
      extensions: extensionsOf(wanted, info, description, authority),
    },
    method.algorithm,
  );
  return writePem('CERTIFICATE', await signValue(tbs, method, privateKey));
}

function readSubjectKey(key: KeyObject | Buffer): { info: SubjectPublicKeyInfo; description: KeyDescription } {
  const info = readInfo(key instanceof KeyObject ? exportInfo(key) : key);
  const loaded = loadPublicKey(info);
  if (loaded === null) throw new CannotIssue('PUBLIC_KEY_UNFIT', 'OpenSSL can not load the public key');
  const description = withPssRestriction(describeKey(loaded), info);
  if (!isReadBack(info, description)) {
    throw new CannotIssue('PUBLIC_KEY_UNFIT', 'not every verifier would load the public key');
  }
  return { info, description };
}

/** OpenSSL forgives a negative modulus and what follows the key, and verifies strictly no curve that is spelled out. */
function isReadBack(info: SubjectPublicKeyInfo, { type }: KeyDescription): boolean {
  if (type === 'ec') return info.algorithm.parameters[0] === Tag.ObjectIdentifier;
  // An RSASSA-PSS key is of no type where OpenSSL does not know its parameters.
  if (type === 'other') return info.algorithm.oid !== Oid.rsassaPss;
  const isKnown = type !== 'x25519' && type !== 'x448';
  return !isKnown || describePublicKey(info).keyType !== null;
}

function exportInfo(key: KeyObject): Buffer {
  return (key.type === 'private' ? createPublicKey(key) : key).export({ format: 'der', type: 'spki' });
}

function readInfo(der: Buffer): SubjectPublicKeyInfo {
  try {
    return parseDer(der, readPublicKeyInfo);
  } catch (error) {
    if (error instanceof DerError) throw new CannotIssue('PUBLIC_KEY_UNFIT', 'the public key is malformed');
    throw error;
  }
}

function extensionsOf(
  wanted: NewCertificate,
  info: SubjectPublicKeyInfo,
  key: KeyDescription,
  authority: CertificateAuthority | null,
): NewExtension[] {
  const { isCa = false, pathLength = null, subjectAltNames = {}, ocspUrls = [], caIssuersUrls = [] } = wanted;
  const usages = usagesOf(wanted, key);
  const keyId = deriveKeyId(info);
  const candidates: readonly [isWritten: boolean, extension: () => NewExtension][] = [
    [true, () => basicConstraints(isCa, pathLength)],
    [usages.keyUsage.length > 0, () => keyUsage(usages.keyUsage)],
    [usages.extendedKeyUsage.length > 0, () => extendedKeyUsage(usages.extendedKeyUsage)],
    [true, () => subjectKeyIdentifier(keyId)],
    [true, () => authorityKeyIdentifier(authority?.keyId ?? keyId)],
    [ocspUrls.length + caIssuersUrls.length > 0, () => authorityInfoAccess(ocspUrls, caIssuersUrls)],
    [
      countSubjectAltNames(subjectAltNames) > 0,
      () => buildSubjectAltNames(subjectAltNames, wanted.subject.length === 0),
    ],
  ];
  return candidates.filter(([isWritten]) => isWritten).map(([, extension]) => extension());
}
