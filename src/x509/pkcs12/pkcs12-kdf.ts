import { hash as digest } from 'node:crypto';
import type { Hash } from './hashes.ts';

/** The diversifiers of RFC 7292 §B.3. */
export const Purpose = { encryptionKey: 1, initializationVector: 2, macKey: 3 } as const;

export interface Pkcs12KdfParameters {
  readonly hash: Hash;
  readonly salt: Buffer;
  readonly iterations: number;
}

/** How many rounds it takes to derive so many octets: each block of a digest's length takes all of them. */
export function pkcs12KdfRounds({ hash, iterations }: Pkcs12KdfParameters, length: number): number {
  return iterations * Math.ceil(length / hash.octets);
}

/**
 * The key derivation of PKCS#12 (RFC 7292 §B.2). node:crypto doesn't have it, so it is made of its hash functions.
 * @param passphrase BMPString, see `Passphrase`.
 * @returns `length` octets.
 */
export function derivePkcs12Key(
  { hash, salt, iterations }: Pkcs12KdfParameters,
  passphrase: Buffer,
  purpose: (typeof Purpose)[keyof typeof Purpose],
  length: number,
): Buffer {
  const { blockOctets } = hash;
  const diversifier = Buffer.alloc(blockOctets, purpose);
  const input = Buffer.concat([fillBlocks(salt, blockOctets), fillBlocks(passphrase, blockOctets)]);
  const derived = Buffer.alloc(length);
  for (let octets = 0; octets < length; octets += hash.octets) {
    let block: Buffer = digest(hash.name, Buffer.concat([diversifier, input]), 'buffer');
    for (let round = 1; round < iterations; round++) block = digest(hash.name, block, 'buffer');
    block.copy(derived, octets);
    addToBlocks(input, Buffer.alloc(blockOctets, block));
  }
  return derived;
}

/** The octets repeated until they fill whole blocks; nothing stays nothing. */
function fillBlocks(octets: Buffer, blockOctets: number): Buffer {
  const length = Math.ceil(octets.length / blockOctets) * blockOctets;
  return length === 0 ? Buffer.alloc(0) : Buffer.alloc(length, octets);
}

/** Step 6C: to each block, as a number, `addend` and one are added; what overflows is dropped. */
function addToBlocks(blocks: Buffer, addend: Buffer): void {
  for (let start = 0; start < blocks.length; start += addend.length) {
    let carry = 1;
    for (let index = addend.length - 1; index >= 0; index--) {
      carry += blocks.readUInt8(start + index) + addend.readUInt8(index);
      blocks.writeUInt8(carry & 0xff, start + index);
      carry >>= 8;
    }
  }
}
