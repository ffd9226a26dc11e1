import { type CaCertificate, readCaCertificate } from '../../keypairs/index.ts';

/**
 * The certificate in a body.
 *
 * @param cert base64 of PEM, or of DER
 * @throws {CertificateRefused}
 */
export function decodeCertificate(cert: string): CaCertificate {
  return readCaCertificate(Buffer.from(cert, 'base64'));
}
