import { scryptSync } from 'node:crypto';
import { DerError } from '../der/error.ts';
import { readOptionalSmall } from '../der/integer.ts';
import { parseDer } from '../der/reader.ts';
import { Tag } from '../der/tags.ts';
import { BeyondLimits } from '../errors.ts';
import { LIMITS } from '../limits.ts';
import { readCount, readSalt } from './work-budget.ts';

export interface ScryptParameters {
  readonly salt: Buffer;
  readonly cost: number;
  readonly blockSize: number;
  readonly parallelization: number;
  readonly keyLength: number | null;
}

/** OpenSSL counts a few blocks more than the limit does. */
const SPARE_OCTETS = 1 << 20;

/** Reads encoded scrypt-params (RFC 7914 §7). @throws DerError; BeyondLimits for more memory than is lent */
export function readScrypt(parameters: Buffer): ScryptParameters {
  const scrypt = parseDer(parameters, (reader) =>
    reader.enter(Tag.Sequence, (inner) => ({
      salt: readSalt(inner),
      cost: readCount(inner),
      blockSize: readCount(inner),
      parallelization: readCount(inner),
      keyLength: readOptionalSmall(inner, 16),
    })),
  );
  const { cost, blockSize, parallelization } = scrypt;
  if (128 * blockSize * (cost + parallelization) > LIMITS.SCRYPT_BYTES) throw new BeyondLimits('SCRYPT_BYTES');
  // RFC 7914 §2: a power of two, above 1 and below 2^(128 r / 8).
  if (cost < 2 || !Number.isInteger(Math.log2(cost)) || Math.log2(cost) >= 16 * blockSize) {
    throw new DerError('a cost of scrypt that it does not have');
  }
  return scrypt;
}

/** One mix of a block takes about as long as one round of PBKDF2. */
export function scryptRounds({ cost, blockSize, parallelization }: ScryptParameters): number {
  return cost * blockSize * parallelization;
}

/** RFC 7914 §6. */
export function deriveScryptKey({ salt, ...parameters }: ScryptParameters, utf8: Buffer, length: number): Buffer {
  const { cost, blockSize, parallelization } = parameters;
  const maxmem = LIMITS.SCRYPT_BYTES + SPARE_OCTETS;
  return scryptSync(utf8, salt, length, { cost, blockSize, parallelization, maxmem });
}
