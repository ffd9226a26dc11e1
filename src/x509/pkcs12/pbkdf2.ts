import { pbkdf2Sync } from 'node:crypto';
import { readOptionalSmall } from '../der/integer.ts';
import { parseDer } from '../der/reader.ts';
import { Tag } from '../der/tags.ts';
import { readAlgorithm } from './algorithm.ts';
import { type Hash, hashByHmacOid, SHA1 } from './hashes.ts';
import { readCount, readSalt } from './work-budget.ts';

export interface Pbkdf2Parameters {
  readonly salt: Buffer;
  readonly iterations: number;
  readonly keyLength: number | null;
  readonly hash: Hash;
}

/** Reads encoded PBKDF2-params (RFC 8018 §A.2); HMAC-SHA-1 is the DEFAULT. @throws DerError, BeyondLimits */
export function readPbkdf2(parameters: Buffer): Pbkdf2Parameters {
  return parseDer(parameters, (reader) =>
    reader.enter(Tag.Sequence, (inner) => ({
      salt: readSalt(inner),
      iterations: readCount(inner),
      keyLength: readOptionalSmall(inner, 16),
      hash: inner.done ? SHA1 : hashByHmacOid(readAlgorithm(inner).oid),
    })),
  );
}

/** How many rounds it takes to derive so many octets. */
export function pbkdf2Rounds({ hash, iterations }: Pbkdf2Parameters, length: number): number {
  return iterations * Math.ceil(length / hash.octets);
}

/** RFC 8018 §5.2. */
export function derivePbkdf2Key(parameters: Omit<Pbkdf2Parameters, 'keyLength'>, utf8: Buffer, length: number): Buffer {
  return pbkdf2Sync(utf8, parameters.salt, parameters.iterations, length, parameters.hash.name);
}
