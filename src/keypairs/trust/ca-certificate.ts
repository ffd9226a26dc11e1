import {
  BeyondLimits,
  containsPrivateKey,
  holdsOnlyCertificates,
  isStrictPem,
  loadCertificateDer,
  readCertificates,
  readCommonName,
  writeCertificates,
  X509Error,
} from '../../x509/index.ts';
import { CertificateRefused } from './errors.ts';
import { type CaCertificate, MAX_COMMON_NAME } from './trust-entry.ts';

/**
 * Reads the one CA certificate that somebody wants trusted. Whether it may sign others is not asked (contract §9.8).
 *
 * @param bytes PEM (RFC 7468), or DER (X.690) with nothing behind it
 * @returns the certificate; its text is what was sent where that is one block and nothing else, and is written anew from the DER otherwise
 * @throws {CertificateRefused} for what is no certificate, for more than one, for a private key beside it, and for a subject without a
 *   common name or with one of more than {@link MAX_COMMON_NAME} characters
 */
export function readCaCertificate(bytes: Buffer): CaCertificate {
  try {
    const text = bytes.includes('-----BEGIN ') ? bytes.toString('utf8') : undefined;
    const der = text === undefined ? bytes : onlyCertificateIn(text);
    const certificate = loadCertificateDer(der);
    return {
      ...certificate,
      commonName: requireCommonName(certificate.facts.subjectDer),
      text: text !== undefined && isPlain(text, der) ? text : writeCertificates([der]),
    };
  } catch (error) {
    throw error instanceof X509Error ? refusalOf(error) : error;
  }
}

function onlyCertificateIn(text: string): Buffer {
  if (containsPrivateKey(text)) {
    throw new CertificateRefused('HOLDS_PRIVATE_KEY', 'a private key stands beside the certificate');
  }
  const [der, other] = readCertificates(text);
  if (der === undefined) {
    throw new CertificateRefused('NOT_A_CERTIFICATE', 'no PEM block is labelled CERTIFICATE');
  }
  if (other !== undefined) {
    throw new CertificateRefused('SEVERAL_CERTIFICATES', 'more than one PEM block is labelled CERTIFICATE');
  }
  return der;
}

/** Whether a text goes into a bundle as it stands: what people write around their certificates does not. */
function isPlain(text: string, der: Buffer): boolean {
  return holdsOnlyCertificates(text, der) && isStrictPem(text);
}

function requireCommonName(subjectDer: Buffer): string {
  const commonName = commonNameOf(subjectDer);
  if (commonName === '') {
    throw new CertificateRefused('NO_COMMON_NAME', 'the subject has no common name');
  }
  if ([...commonName].length > MAX_COMMON_NAME) {
    throw new CertificateRefused('COMMON_NAME_TOO_LONG', `the common name has more than ${MAX_COMMON_NAME} characters`);
  }
  return commonName;
}

/** '' of none, and of a name that OpenSSL would not read. */
function commonNameOf(subjectDer: Buffer): string {
  try {
    return readCommonName(subjectDer) ?? '';
  } catch (error) {
    if (error instanceof X509Error) {
      return '';
    }
    throw error;
  }
}

function refusalOf(error: X509Error): CertificateRefused {
  return error instanceof BeyondLimits
    ? new CertificateRefused('BEYOND_LIMITS', error.message, error.limit)
    : new CertificateRefused('NOT_A_CERTIFICATE', error.message);
}
