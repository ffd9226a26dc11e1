import type { CaCertificate } from './trust-entry.ts';

/**
 * Reads the one CA certificate that somebody wants trusted.
 *
 * @param bytes PEM (RFC 7468), or DER (X.690) with nothing behind it
 * @returns the certificate; its text is what was sent where that is one block and nothing else, and is written anew from the DER otherwise
 * @throws {CertificateRefused} for what is no certificate, for more than one, for a private key beside it, and for a subject without a
 *   common name or with one of more than {@link MAX_COMMON_NAME} characters
 */
export declare function readCaCertificate(bytes: Buffer): CaCertificate;
