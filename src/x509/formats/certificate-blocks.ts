import { NotACertificate } from '../errors.ts';
import { isCertificateLabel, PemError, readPem, writePem } from '../pem.ts';

/**
 * The DER of every certificate block of a PEM text (RFC 7468 §5), in order: those labelled CERTIFICATE or X509 CERTIFICATE. What they
 * hold is not looked at, see `loadCertificateDer`.
 * @param text PEM, with anything around the blocks; all blocks must be well-formed PEM, as for `loadCertificate`
 * @returns an empty list where there is none
 * @throws NotACertificate for malformed PEM; BeyondLimits for too many blocks
 * @example
 * const subjects = readCertificates(chainPem).map((der) => loadCertificateDer(der).facts.subject);
 * subjects; // → ['CN=leaf.example.com', 'CN=Example CA']
 */
export function readCertificates(text: string): Buffer[] {
  try {
    return readPem(text)
      .filter(({ label }) => isCertificateLabel(label))
      .map(({ der }) => der);
  } catch (error) {
    if (error instanceof PemError) throw new NotACertificate(error.message, error);
    throw error;
  }
}

/**
 * Writes certificates as one PEM text (RFC 7468 §5), in order: the reverse of `readCertificates`, for what a PKCS#12 file holds, say.
 * @param certificates DER, which is not looked at, see `loadCertificateDer`
 * @returns PEM with a trailing newline; '' of an empty list
 * @example
 * const [leaf, ca] = readCertificates(chainPem);
 * loadCertificate(writeCertificates([ca, leaf])).facts.subject; // → 'CN=Example CA'
 */
export function writeCertificates(certificates: readonly Buffer[]): string {
  return certificates.map((der) => writePem('CERTIFICATE', der)).join('');
}
