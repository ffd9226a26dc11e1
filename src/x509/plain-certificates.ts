import { readCertificate } from './certificate-structure.ts';
import { DerError } from './der/error.ts';
import { fullBudget } from './der/reader.ts';
import { PemError, readPem } from './pem.ts';

const ONLY_BLOCKS = /^(?:\s*-----BEGIN (X509 )?CERTIFICATE-----[A-Za-z0-9+/=\s]*-----END \1CERTIFICATE-----)+\s*$/;

/**
 * Whether a text is nothing but certificates: blocks of that label that hold one each, and blanks. Anything else (comments, headers,
 * other labels, other contents) could hide a private key in a form that nobody thinks of, as could what is too much to look through.
 *
 * @param text PEM (RFC 7468) under the labels CERTIFICATE or X509 CERTIFICATE
 * @param known the DER of a certificate that was read already, and need not be again
 * @throws BeyondLimits for too many blocks
 * @example
 * holdsOnlyCertificates(chainPem); // → true
 * holdsOnlyCertificates(`# my certificate\n${certificatePem}`); // → false
 * holdsOnlyCertificates(certificatePem + privateKeyPem); // → false
 */
export function holdsOnlyCertificates(text: string, known?: Buffer): boolean {
  if (!ONLY_BLOCKS.test(text)) {
    return false;
  }
  try {
    // One for all: a megabyte has room for many certificates that are as dear as one may be.
    const budget = fullBudget();
    for (const { der } of readPem(text)) {
      if (known?.equals(der) !== true) readCertificate(der, budget);
    }
    return true;
  } catch (error) {
    if (error instanceof DerError || error instanceof PemError) {
      return false;
    }
    throw error;
  }
}
