import { createHash } from 'node:crypto';
import { bitLength, readUnsigned, toBigInt } from './der/integer.ts';
import { type DerReader, parseDer } from './der/reader.ts';
import { Tag } from './der/tags.ts';
import { BeyondLimits } from './errors.ts';
import { LIMITS } from './limits.ts';
import { isProbablePrime, raise } from './primality.ts';
import { KeyError, type LoadedPrivateKey } from './private-key-structure.ts';

/** pyca's MIN_DH_MODULUS_SIZE. */
const MIN_PRIME_BITS = 512;
/** Beyond, neither primality nor the generator's order is tested: it takes too long. */
const MAX_TESTED_BITS = 3072;

/**
 * RFC 5114 §2.1 to §2.3, whose primes are not safe, by the SHA-256 of the DER of p and g. OpenSSL knows these groups, and takes
 * them also where PKCS #3 leaves the order out.
 */
const RFC_5114_DIGESTS: ReadonlySet<string> = new Set([
  'f731ff785c43b92d5f432b8d643fd268e82ababe2c8bc1eedfdb0e7797981dfa',
  '81317c35aed21ac7fcb9812419e51b250f587022f6aebc14caf54144779b3d4a',
  'bf8bf8d00b8c548e0b4fc50f0906cc760fededd9ddc4c3d56f734ad5682090d4',
]);

/**
 * Reads the private value of a DH key in PKCS#8 and checks the parameters as pyca does by DH_check. No certificate can have such
 * a key, so it is never computed with and no object is made of it.
 * @param parameters of PKCS #3 §9 or, with the order q, of RFC 3279 §2.3.3; encoded and well formed.
 * @throws DerError, KeyError, BeyondLimits
 */
export function readDhPrivateKey(parameters: Buffer, key: Buffer, hasOrder: boolean): LoadedPrivateKey {
  const { prime, generator, order, isKnown } = parseDer(parameters, (reader) => {
    const inner = reader.inside(reader.expect(Tag.Sequence));
    return readParameters(inner, hasOrder);
  });
  parseDer(key, readUnsigned);
  const bits = bitLength(prime);
  if (bits < MIN_PRIME_BITS) throw new KeyError('a DH key whose prime is too short');
  if (bits > LIMITS.DH_BITS) throw new BeyondLimits('DH_BITS');
  const [p, g] = [toBigInt(prime), toBigInt(generator)];
  const isInRange = p % 2n === 1n && g > 1n && g < p - 1n;
  const isSound = isInRange && (order === null ? isKnown || isSafePrime(p) : fitsOrder(p, g, toBigInt(order), bits));
  if (!isSound) throw new KeyError('the parameters of the DH key do not fit each other');
  return { keyType: 'dh', publicKeyDigest: null };
}

function readParameters(reader: DerReader, hasOrder: boolean) {
  const encoded = reader.rest();
  const prime = readUnsigned(reader);
  const generator = readUnsigned(reader);
  const group = encoded.subarray(0, encoded.length - reader.rest().length);
  const isKnown = RFC_5114_DIGESTS.has(createHash('sha256').update(group).digest('hex'));
  return { prime, generator, order: hasOrder ? readUnsigned(reader) : null, isKnown };
}

function isSafePrime(p: bigint): boolean {
  return isProbablePrime(p) && isProbablePrime((p - 1n) / 2n);
}

function fitsOrder(p: bigint, g: bigint, q: bigint, bits: number): boolean {
  if (q < 2n || q >= p || (p - 1n) % q !== 0n || !isProbablePrime(q) || !isProbablePrime(p)) return false;
  return bits > MAX_TESTED_BITS || raise(g, q, p) === 1n;
}
