import type { LoadedCertificate } from './certificate.ts';
import { DerError, DerLimitError } from './der/error.ts';
import { readDsaPrivateKey } from './dsa-private-key.ts';
import { readEcPrivateKey } from './ec-private-key.ts';
import { BeyondLimits, NotAPrivateKey } from './errors.ts';
import { type PemBlock, PemError, readPem } from './pem.ts';
import { readPrivateKeyInfo } from './private-key-info.ts';
import { KeyError, type LoadedPrivateKey } from './private-key-structure.ts';
import { readRsaPrivateKey } from './rsa-private-key.ts';
import { stripAsPython, trimWhiteSpace } from './white-space.ts';

/** How the block of each label is read. pyca goes by the label alone: PKCS#8 under another label is refused, and the reverse. */
const READERS: ReadonlyMap<string, (der: Buffer) => LoadedPrivateKey> = new Map([
  ['PRIVATE KEY', readPrivateKeyInfo],
  ['RSA PRIVATE KEY', readRsaPrivateKey],
  ['EC PRIVATE KEY', (der: Buffer) => readEcPrivateKey(der, null)],
  ['DSA PRIVATE KEY', readDsaPrivateKey],
  ['ENCRYPTED PRIVATE KEY', refuseEncrypted],
]);

/**
 * Loads the first private key of a PEM text, taking and refusing what authentik does by pyca (contract §1.3). Each line loses its
 * blanks at both ends first, as authentik does it. RSA and EC keys are checked for consistency, which OpenSSL leaves undone.
 * @param text PEM, unencrypted, with anything around the blocks; other blocks must be well-formed PEM too, but may hold anything.
 * @throws NotAPrivateKey, BeyondLimits
 */
export function loadPrivateKey(text: string): LoadedPrivateKey {
  try {
    const block = findKeyBlock(readPem(text.split('\n').map(stripAsPython).join('\n')));
    return (READERS.get(block.label) ?? refuseEncrypted)(block.der);
  } catch (error) {
    if (error instanceof DerLimitError) throw new BeyondLimits(error.limit, error);
    if (error instanceof PemError || error instanceof DerError || error instanceof KeyError) {
      throw new NotAPrivateKey(error.message, error);
    }
    throw error;
  }
}

/** Whether the certificate's public key is the private key's. False too where node:crypto can't hold the private key. */
export function belongTogether(
  { facts }: Pick<LoadedCertificate, 'facts'>,
  { publicKeyDigest }: Pick<LoadedPrivateKey, 'publicKeyDigest'>,
): boolean {
  return facts.publicKeyDigest === publicKeyDigest;
}

function findKeyBlock(blocks: readonly PemBlock[]): PemBlock {
  const block = blocks.find(({ label }) => READERS.has(label));
  if (block === undefined) throw new KeyError('there is no private key block');
  // RFC 1421 encryption. pyca refuses any other Proc-Type too; the last header of a name counts.
  if (block.headers.some(isProcType)) throw new KeyError('the private key is encrypted');
  return block;
}

function isProcType(header: string): boolean {
  return trimWhiteSpace(header.slice(0, header.indexOf(':'))) === 'Proc-Type';
}

function refuseEncrypted(): never {
  throw new KeyError('the private key is encrypted');
}
