import { DerError } from '../der/error.ts';
import { readUnsigned, stripSign } from '../der/integer.ts';
import type { DerReader } from '../der/reader.ts';
import { Tag } from '../der/tags.ts';
import { BeyondLimits } from '../errors.ts';
import { LIMITS } from '../limits.ts';

/**
 * How many rounds of key derivation one file may still claim. All that it claims is counted when it is read, before the first round
 * is run; what an encrypted part claims inside, when that part is open.
 */
export class WorkBudget {
  #rounds: number = LIMITS.PBE_ITERATIONS;

  /** @throws BeyondLimits where fewer than `rounds` are left. */
  charge(rounds: number): void {
    this.#rounds -= rounds;
    if (this.#rounds < 0) throw new BeyondLimits('PBE_ITERATIONS');
  }
}

/**
 * The next INTEGER, which is to be an iteration count or another factor of the cost: at least 1.
 * @throws DerError; BeyondLimits from 2^32 on
 */
export function readCount(reader: DerReader): number {
  const magnitude = stripSign(readUnsigned(reader));
  if (magnitude.length > 4) throw new BeyondLimits('PBE_ITERATIONS');
  if (magnitude.length === 0) throw new DerError('an iteration count of zero');
  return magnitude.readUIntBE(0, magnitude.length);
}

/** The next OCTET STRING, which is to be a salt. @throws DerError, BeyondLimits */
export function readSalt(reader: DerReader): Buffer {
  const { content } = reader.expect(Tag.OctetString);
  if (content.length > LIMITS.PBE_SALT_BYTES) throw new BeyondLimits('PBE_SALT_BYTES');
  return content;
}
