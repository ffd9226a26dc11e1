import type { CertificateFacts } from './certificate.ts';
import { type CertificateStructure, readCertificate } from './certificate-structure.ts';
import { signatureVerifier, type Verdict } from './chain-signatures.ts';
import { DerError } from './der/error.ts';
import { toSignedHex } from './der/integer.ts';
import { BeyondLimits, NotACertificate } from './errors.ts';
import { readBasicConstraints } from './extensions.ts';
import { fingerprint } from './fingerprint.ts';
import { readCertificates } from './formats/certificate-blocks.ts';
import { LIMITS } from './limits.ts';
import { findPem, isCertificateLabel } from './pem.ts';
import { formatAnyName } from './rfc4514.ts';

/** The certificates of one text, in its order: what it calls its chain, whether or not it is one. */
export interface Chain {
  /** At most LIMITS.CHAIN_CERTIFICATES. */
  readonly certificates: readonly ChainCertificate[];
  /** The text holds more certificates than are described. */
  readonly truncated: boolean;
}

export type ChainCertificate = ReadableCertificate | UnreadableCertificate;

export interface ReadableCertificate {
  readonly readable: true;
  /** RFC 4514; values that pyca would refuse are written as `#` and hex. */
  readonly subject: string;
  readonly issuer: string;
  /** Lower-case hex without leading zeros, `-` in front if negative. */
  readonly serialNumber: string;
  readonly notBefore: Date;
  readonly notAfter: Date;
  /** Of the DER: lower-case hex, colon separated. */
  readonly fingerprintSha256: string;
  /** basicConstraints (RFC 5280 §4.2.1.9). */
  readonly isCa: boolean;
  /** Subject and issuer are the same bytes (RFC 5280 §3.2). Says nothing of the signature. */
  readonly selfIssued: boolean;
  /**
   * Whether this one issued the certificate before it: its subject is that one's issuer, byte for byte, and that one's signature verifies
   * with its key. Null where nothing is known: there is none before it, that one is unreadable, LIMITS.CHAIN_SIGNATURES were verified
   * already, or OpenSSL doesn't know the key, the algorithm or the certificate.
   */
  readonly signsPrevious: boolean | null;
}

/** A block that calls itself a certificate and is none that pyca would load, or more than is looked at here. */
export interface UnreadableCertificate {
  readonly readable: false;
  /** For people. Made of constants and ASN.1 vocabulary. */
  readonly reason: string;
}

/**
 * Describes the certificates of a text (labels `CERTIFICATE` and `X509 CERTIFICATE`, RFC 7468 §5), and whether each issued the one before
 * it. Takes up to a second for a text of a megabyte: of more than one certificate, belongs into a worker (`openX509Worker`).
 * @param text PEM, with anything around and between the blocks, as `loadCertificate` takes it.
 * @throws NotACertificate where the text is no well-formed PEM or holds no such block; BeyondLimits PEM_BLOCKS
 * @example
 * const { certificates, truncated } = describeChain(chainPem);
 * certificates.map(({ subject }) => subject); // → ['CN=leaf.example.com', 'CN=Example CA']
 * certificates.map(({ signsPrevious }) => signsPrevious); // → [null, true]
 * truncated; // → false
 */
export function describeChain(text: string): Chain {
  const blocks = readBlocks(text);
  const read = blocks.slice(0, LIMITS.CHAIN_CERTIFICATES).map(readBlock);
  const verify = signatureVerifier(LIMITS.CHAIN_SIGNATURES);
  const certificates = read.map(({ structure, described }, index): ChainCertificate => {
    const previous = read[index - 1]?.structure;
    if (!described.readable || structure === undefined || previous === undefined) return described;
    return { ...described, signsPrevious: signs(structure, previous, verify) };
  });
  return { certificates, truncated: blocks.length > LIMITS.CHAIN_CERTIFICATES };
}

/**
 * What `describeChain` would say of a text with one certificate, from what `loadCertificate` said of it: costs nothing.
 * @example
 * const { facts } = loadCertificate(certificatePem);
 * chainOfOne(facts).certificates[0].subject; // → 'C=DE,O=Example,CN=example.com'
 */
export function chainOfOne(facts: CertificateFacts): Chain {
  const { subject, issuer, serialNumber, notBefore, notAfter, fingerprintSha256, isCa } = facts;
  const selfIssued = facts.subjectDer.equals(facts.issuerDer);
  const dates = { notBefore, notAfter };
  const only = { subject, issuer, serialNumber, ...dates, fingerprintSha256, isCa, selfIssued, signsPrevious: null };
  return { certificates: [{ readable: true, ...only }], truncated: false };
}

/**
 * The certificate blocks of a text and nothing else of it, as they stand: what goes to a worker holds no private key.
 * @param text PEM that `loadCertificate` took.
 * @returns one PEM block each, in the order of the text.
 * @throws BeyondLimits PEM_BLOCKS
 * @example
 * certificateBlocks(privateKeyPem + chainPem).length; // → 2
 */
export function certificateBlocks(text: string): string[] {
  return findPem(text)
    .filter(({ label }) => isCertificateLabel(label))
    .map(({ start, end }) => text.slice(start, end));
}

interface ReadBlock {
  readonly described: ChainCertificate;
  /** Undefined where it is unreadable. */
  readonly structure?: CertificateStructure;
}

function readBlocks(text: string): Buffer[] {
  const blocks = readCertificates(text);
  if (blocks.length === 0) throw new NotACertificate('there is no CERTIFICATE block');
  return blocks;
}

function readBlock(der: Buffer): ReadBlock {
  try {
    const structure = readCertificate(der);
    return { structure, described: describe(structure) };
  } catch (error) {
    if (error instanceof DerError) return { described: { readable: false, reason: error.message } };
    if (error instanceof BeyondLimits) return { described: { readable: false, reason: error.reason } };
    throw error;
  }
}

function describe(certificate: CertificateStructure): ReadableCertificate {
  const { subject, issuer, notBefore, notAfter, encoded } = certificate;
  return {
    readable: true,
    subject: formatAnyName(subject),
    issuer: formatAnyName(issuer),
    serialNumber: toSignedHex(certificate.serialNumber),
    notBefore,
    notAfter,
    fingerprintSha256: fingerprint('sha256', encoded),
    isCa: readBasicConstraints(certificate.extensions).isCa,
    selfIssued: subject.encoded.equals(issuer.encoded),
    signsPrevious: null,
  };
}

function signs(
  { subject, publicKey }: CertificateStructure,
  previous: CertificateStructure,
  verify: ReturnType<typeof signatureVerifier>,
): Verdict {
  return subject.encoded.equals(previous.issuer.encoded) ? verify(previous, publicKey) : false;
}
