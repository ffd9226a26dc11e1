import { DerError } from './error.ts';
import type { DerReader } from './reader.ts';
import { Tag } from './tags.ts';

/** The octets of the next INTEGER: two's complement, at least one, in the shortest form (X.690 §8.3.2). */
export function readInteger(reader: DerReader): Buffer {
  return checkInteger(reader.expect(Tag.Integer).content);
}

/** The octets of the next INTEGER, which must not be negative. A leading 00 may stand before a set high bit. */
export function readUnsigned(reader: DerReader): Buffer {
  const octets = readInteger(reader);
  if (octets.readUInt8(0) >= 0x80) throw new DerError('a negative INTEGER');
  return octets;
}

/** The magnitude of the next INTEGER, which must be from 0 to 2^bits − 1. */
export function readBounded(reader: DerReader, bits: 8 | 16 | 32 | 64): Buffer {
  const value = stripSign(readUnsigned(reader));
  if (value.length > bits / 8) throw new DerError('an INTEGER is too large');
  return value;
}

/** The next INTEGER as a number from 0 to 2^bits − 1. */
export function readSmall(reader: DerReader, bits: 8 | 16 | 32): number {
  const value = readBounded(reader, bits);
  return value.length === 0 ? 0 : value.readUIntBE(0, value.length);
}

/** The next element as `readSmall` if it is an INTEGER, otherwise null. */
export function readOptionalSmall(reader: DerReader, bits: 8 | 16 | 32): number | null {
  return reader.peek() === Tag.Integer ? readSmall(reader, bits) : null;
}

/** The magnitude of a non-negative INTEGER without leading zero octets. */
export function stripSign(octets: Buffer): Buffer {
  return octets.length > 0 && octets.readUInt8(0) === 0 ? octets.subarray(1) : octets;
}

/** How many bits the magnitude of a non-negative INTEGER has; 0 for zero. */
export function bitLength(octets: Buffer): number {
  const magnitude = stripSign(octets);
  return magnitude.length === 0 ? 0 : magnitude.length * 8 - (Math.clz32(magnitude.readUInt8(0)) - 24);
}

/** A non-negative INTEGER as a bigint. */
export function toBigInt(octets: Buffer): bigint {
  return BigInt(`0x${octets.toString('hex')}`);
}

/** An INTEGER as lower-case hex without leading zeros, `-` in front if it is negative. */
export function toSignedHex(octets: Buffer): string {
  const value = BigInt.asIntN(octets.length * 8, toBigInt(octets));
  return value.toString(16);
}

function checkInteger(octets: Buffer): Buffer {
  if (octets.length === 0) throw new DerError('an empty INTEGER');
  if (octets.length > 1) {
    const [first, second] = [octets.readUInt8(0), octets.readUInt8(1)];
    if ((first === 0 && second < 0x80) || (first === 0xff && second >= 0x80)) {
      throw new DerError('an INTEGER is not in its shortest form');
    }
  }
  return octets;
}
