import { DerError, DerLimitError } from '../der/error.ts';
import { BeyondLimits, NotACertificateRequest } from '../errors.ts';
import { readBasicConstraints } from '../extensions.ts';
import type { KeyUsage } from '../issuing/key-usages.ts';
import { type PemBlock, PemError, readPem } from '../pem.ts';
import { describePublicKey, type PublicKeyFacts } from '../public-key.ts';
import { digestPublicKey } from '../public-key-digest.ts';
import { formatName } from '../rfc4514.ts';
import { nameSignatureAlgorithm } from '../signature-algorithms.ts';
import { readSubjectAltNames, type SubjectAltNames } from '../subject-alt-names.ts';
import { type RequestStructure, readRequestStructure } from './request-structure.ts';
import { readRequestedExtensions } from './requested-extensions.ts';
import { readExtendedKeyUsage, readKeyUsage } from './usages.ts';
import { isSignedBy } from './verify-signature.ts';

/** What a certification request asks for, and who asks. */
export interface CertificateRequestFacts extends PublicKeyFacts {
  /** RFC 4514, as of a certificate. */
  readonly subject: string;
  readonly subjectDer: Buffer;
  /** DER of the SubjectPublicKeyInfo. */
  readonly publicKeyInfo: Buffer;
  /** See `digestPublicKey`; equal to that of the private key's. */
  readonly publicKeyDigest: string;
  /** Of the extensions that are asked for, as are all that follow; one whose value is malformed counts as not asked for. */
  readonly subjectAltNames: SubjectAltNames;
  readonly isCa: boolean;
  readonly pathLength: number | null;
  /** Null where it is not asked for. */
  readonly keyUsage: readonly KeyUsage[] | null;
  /** Dotted; null where it is not asked for. */
  readonly extendedKeyUsage: readonly string[] | null;
  /** OpenSSL's long name, otherwise the dotted OBJECT IDENTIFIER. */
  readonly signatureAlgorithm: string;
  /**
   * Whether it is signed with the private key of its own public key, as pyca tells: an RSASSA-PSS key is a plain RSA key, whose parameters
   * restrict nothing. False too where OpenSSL knows the algorithm or the key not.
   */
  readonly signatureValid: boolean;
}

/** A certification request that was parsed once. */
export interface LoadedCertificateRequest {
  readonly facts: CertificateRequestFacts;
  readonly der: Buffer;
}

const LABELS: ReadonlySet<string> = new Set(['CERTIFICATE REQUEST', 'NEW CERTIFICATE REQUEST']);

/**
 * Reads a certification request (PKCS #10, RFC 2986): from PEM the first block labelled CERTIFICATE REQUEST or NEW CERTIFICATE REQUEST.
 * One whose signature does not verify is read too, see `signatureValid`.
 * @param request PEM text, with anything around the blocks; or the whole DER, with nothing after it
 * @throws NotACertificateRequest, also where an extension is asked for twice, or their list is malformed; BeyondLimits
 * @example
 * const names = { subject: [{ type: 'CN', value: 'example.com' }], subjectAltNames: { dns: ['example.com'] } };
 * const { facts } = readCertificateRequest(await makeCertificateRequest(names, privateKeyPem));
 * [facts.subject, facts.subjectAltNames.dns, facts.signatureValid]; // → ['CN=example.com', ['example.com'], true]
 */
export function readCertificateRequest(request: string | Buffer): LoadedCertificateRequest {
  try {
    const der = typeof request === 'string' ? findBlock(request).der : request;
    return { facts: gatherFacts(readRequestStructure(der)), der };
  } catch (error) {
    if (error instanceof DerLimitError) throw new BeyondLimits(error.limit, error);
    if (error instanceof DerError || error instanceof PemError) {
      throw new NotACertificateRequest(error.message, error);
    }
    throw error;
  }
}

function findBlock(text: string): PemBlock {
  const block = readPem(text).find(({ label }) => LABELS.has(label));
  if (block === undefined) throw new NotACertificateRequest('there is no CERTIFICATE REQUEST block');
  return block;
}

function gatherFacts(request: RequestStructure): CertificateRequestFacts {
  const { info, subject, publicKey, signature, signatureAlgorithm } = request;
  const extensions = readRequestedExtensions(request.attributes);
  return {
    subject: formatName(subject),
    subjectDer: subject.encoded,
    ...describePublicKey(publicKey),
    publicKeyInfo: publicKey.encoded,
    publicKeyDigest: digestPublicKey(publicKey),
    subjectAltNames: readSubjectAltNames(extensions),
    ...readBasicConstraints(extensions),
    keyUsage: readKeyUsage(extensions),
    extendedKeyUsage: readExtendedKeyUsage(extensions),
    signatureAlgorithm: nameSignatureAlgorithm(signatureAlgorithm.oid),
    signatureValid: isSignedBy(info, signature, signatureAlgorithm, publicKey),
  };
}
