import type { LoadedCertificate } from './certificate.ts';
import { findHeader, findPrivateKeyBlock } from './private-key-block.ts';
import { readPrivateKey, refuseEncrypted } from './private-key-readers.ts';
import type { LoadedPrivateKey } from './private-key-structure.ts';
import { readingPrivateKey } from './reading-private-key.ts';

/**
 * Loads the first private key of a PEM text, taking and refusing what authentik does by pyca (contract §1.3). Each line loses its
 * blanks at both ends first, as authentik does it. RSA and EC keys are checked for consistency, which OpenSSL leaves undone.
 * @param text PEM, unencrypted, with anything around the blocks; other blocks must be well-formed PEM too, but may hold anything.
 * @throws NotAPrivateKey, BeyondLimits
 */
export function loadPrivateKey(text: string): LoadedPrivateKey {
  return readingPrivateKey(() => {
    const { form, der, headers } = findPrivateKeyBlock(text);
    // RFC 1421 encryption. pyca refuses any other Proc-Type too.
    if (findHeader(headers, 'Proc-Type') !== null) refuseEncrypted();
    return readPrivateKey(form, der);
  });
}

/** Whether the certificate's public key is the private key's. False too where node:crypto can't hold the private key. */
export function belongTogether(
  { facts }: Pick<LoadedCertificate, 'facts'>,
  { publicKeyDigest }: Pick<LoadedPrivateKey, 'publicKeyDigest'>,
): boolean {
  return facts.publicKeyDigest === publicKeyDigest;
}
