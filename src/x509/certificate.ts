import { X509Certificate } from 'node:crypto';
import { type CertificateStructure, readCertificate } from './certificate-structure.ts';
import { DerError, DerLimitError } from './der/error.ts';
import { toSignedHex } from './der/integer.ts';
import { BeyondLimits, NotACertificate } from './errors.ts';
import { readAuthorityKeyId, readBasicConstraints, readSubjectKeyId } from './extensions.ts';
import { fingerprint } from './fingerprint.ts';
import { isCertificateLabel, type PemBlock, PemError, readPem } from './pem.ts';
import { describePublicKey, loadPublicKey, type PublicKeyFacts } from './public-key.ts';
import { digestPublicKey } from './public-key-digest.ts';
import { formatAnyName, formatName } from './rfc4514.ts';
import { nameSignatureAlgorithm } from './signature-algorithms.ts';
import { readSubjectAltNames, type SubjectAltNames } from './subject-alt-names.ts';

/** What is known of a certificate without asking anyone else. */
export interface CertificateFacts extends PublicKeyFacts {
  /** RFC 4514 as pyca writes it (contract §1.1). */
  readonly subject: string;
  /** The Name's DER, of which every other form can be made. */
  readonly subjectDer: Buffer;
  /** RFC 4514; values that pyca would refuse are written as `#` and hex. */
  readonly issuer: string;
  readonly issuerDer: Buffer;
  /** Lower-case hex without leading zeros, `-` in front if negative. */
  readonly serialNumber: string;
  readonly notBefore: Date;
  readonly notAfter: Date;
  /** Of the DER: lower-case hex, colon separated. */
  readonly fingerprintSha256: string;
  readonly fingerprintSha1: string;
  /** OpenSSL's long name, otherwise the dotted OBJECT IDENTIFIER. */
  readonly signatureAlgorithm: string;
  /** See `digestPublicKey`. */
  readonly publicKeyDigest: string;
  readonly subjectAltNames: SubjectAltNames;
  /** basicConstraints (RFC 5280 §4.2.1.9). */
  readonly isCa: boolean;
  readonly pathLength: number | null;
  /** Lower-case hex. */
  readonly subjectKeyId: string | null;
  readonly authorityKeyId: string | null;
  /** Subject and issuer are the same bytes, and the signature verifies with the certificate's own key. */
  readonly selfSigned: boolean;
}

/** A certificate that was parsed once; hand it on instead of its text. */
export interface LoadedCertificate {
  readonly facts: CertificateFacts;
  readonly der: Buffer;
}

/**
 * Loads the first certificate (RFC 5280 §4.1) of a PEM text (RFC 7468), taking and refusing what authentik does by pyca (contract
 * §1.1, §1.3). Nobody is asked whether it may be trusted or is still valid.
 * @param text PEM under the label CERTIFICATE or X509 CERTIFICATE, with anything around the blocks. Other blocks must be well-formed
 * PEM too, but may hold anything.
 * @returns what is known of it, and the block's DER.
 * @throws NotACertificate, BeyondLimits
 * @example
 * const { facts } = loadCertificate(certificatePem);
 * facts.subject; // → 'C=DE,O=Example,CN=example.com'
 * [facts.keyType, facts.keySize, facts.curve, facts.selfSigned]; // → ['ec', 256, 'prime256v1', true]
 * loadCertificate(privateKeyPem); // throws NOT_A_CERTIFICATE
 */
export function loadCertificate(text: string): LoadedCertificate {
  const block = readBlocks(text).find(({ label }) => isCertificateLabel(label));
  if (block === undefined) throw new NotACertificate('there is no CERTIFICATE block');
  return loadCertificateDer(block.der);
}

/**
 * Loads a certificate from its DER (RFC 5280 §4.1), with nothing after it, as `loadCertificate` does.
 * @throws NotACertificate, BeyondLimits
 * @example
 * const [der] = readCertificates(certificatePem);
 * loadCertificateDer(der).facts.subject; // → 'C=DE,O=Example,CN=example.com'
 */
export function loadCertificateDer(der: Buffer): LoadedCertificate {
  try {
    const structure = readCertificate(der);
    return { facts: gatherFacts(structure), der };
  } catch (error) {
    if (error instanceof DerLimitError) throw new BeyondLimits(error.limit, error);
    if (error instanceof DerError) throw new NotACertificate(error.message, error);
    throw error;
  }
}

/**
 * As `loadCertificate`, for who only wants the facts.
 * @param text PEM (RFC 7468); of a chain, the first certificate counts.
 * @throws NotACertificate, BeyondLimits
 * @example
 * describeCertificate(chainPem).issuer; // → 'CN=Example CA'
 * describeCertificate('no PEM'); // throws NOT_A_CERTIFICATE
 */
export function describeCertificate(text: string): CertificateFacts {
  return loadCertificate(text).facts;
}

function readBlocks(text: string): PemBlock[] {
  try {
    return readPem(text);
  } catch (error) {
    if (error instanceof PemError) throw new NotACertificate(error.message, error);
    throw error;
  }
}

function gatherFacts(certificate: CertificateStructure): CertificateFacts {
  const { extensions, encoded } = certificate;
  return {
    subject: formatName(certificate.subject),
    subjectDer: certificate.subject.encoded,
    issuer: formatAnyName(certificate.issuer),
    issuerDer: certificate.issuer.encoded,
    serialNumber: toSignedHex(certificate.serialNumber),
    notBefore: certificate.notBefore,
    notAfter: certificate.notAfter,
    fingerprintSha256: fingerprint('sha256', encoded),
    fingerprintSha1: fingerprint('sha1', encoded),
    signatureAlgorithm: nameSignatureAlgorithm(certificate.signatureAlgorithm.oid),
    ...describePublicKey(certificate.publicKey),
    publicKeyDigest: digestPublicKey(certificate.publicKey),
    subjectAltNames: readSubjectAltNames(extensions),
    ...readBasicConstraints(extensions),
    subjectKeyId: readSubjectKeyId(extensions),
    authorityKeyId: readAuthorityKeyId(extensions),
    selfSigned: isSelfSigned(certificate),
  };
}

function isSelfSigned({ subject, issuer, publicKey, encoded }: CertificateStructure): boolean {
  if (!subject.encoded.equals(issuer.encoded)) return false;
  const key = loadPublicKey(publicKey);
  if (key === null) return false;
  try {
    return new X509Certificate(encoded).verify(key);
  } catch {
    // OpenSSL refuses some certificates that pyca takes, and some signature algorithms.
    return false;
  }
}
