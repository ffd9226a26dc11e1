import type { LoadedCertificate } from './certificate.ts';
import { findHeader, findPrivateKeyBlock } from './private-key-block.ts';
import { readPrivateKey, refuseEncrypted } from './private-key-readers.ts';
import type { LoadedPrivateKey } from './private-key-structure.ts';
import { readingPrivateKey } from './reading-private-key.ts';

/**
 * Loads the first private key of a PEM text (RFC 7468), taking and refusing what authentik does by pyca (contract §1.3). Each line
 * loses its blanks at both ends first, as authentik does it. RSA and EC keys are checked for consistency (RFC 8017 §3.2, SEC 1 §3.2.1),
 * which OpenSSL leaves undone.
 * @param text PEM, unencrypted: PKCS#8 (RFC 5208 §5), PKCS#1 (RFC 8017 §A.1.2), SEC 1 (RFC 5915 §3) or OpenSSL's DSA format, each
 * under its own label, with anything around the blocks; other blocks must be well-formed PEM too, but may hold anything.
 * @returns the key's type and what tells whose it is; nothing secret is kept.
 * @throws NotAPrivateKey, BeyondLimits
 * @example
 * loadPrivateKey(privateKeyPem).keyType; // → 'ec'
 * loadPrivateKey(privateKeyPem.replaceAll('PRIVATE', 'RSA PRIVATE')); // throws NOT_A_PRIVATE_KEY
 * loadPrivateKey(certificatePem); // throws NOT_A_PRIVATE_KEY
 */
export function loadPrivateKey(text: string): LoadedPrivateKey {
  return readingPrivateKey(() => {
    const { form, der, headers } = findPrivateKeyBlock(text);
    // RFC 1421 encryption. pyca refuses any other Proc-Type too.
    if (findHeader(headers, 'Proc-Type') !== null) refuseEncrypted();
    return readPrivateKey(form, der);
  });
}

/**
 * Whether the certificate's public key is the private key's. False too where node:crypto can't hold the private key. Both digests
 * were made when the two were loaded (see `digestPublicKey`): nothing is parsed, and nothing throws.
 * @example
 * belongTogether(loadCertificate(certificatePem), loadPrivateKey(privateKeyPem)); // → true
 * belongTogether(loadCertificate(chainPem), loadPrivateKey(privateKeyPem)); // → false
 */
export function belongTogether(
  { facts }: Pick<LoadedCertificate, 'facts'>,
  { publicKeyDigest }: Pick<LoadedPrivateKey, 'publicKeyDigest'>,
): boolean {
  return facts.publicKeyDigest === publicKeyDigest;
}
