import { DerError, DerLimitError } from './der/error.ts';
import { BeyondLimits, NotAPrivateKey } from './errors.ts';
import { PemError } from './pem.ts';
import { KeyError } from './private-key-structure.ts';

/**
 * Runs what reads a private key, and words what it throws for callers.
 * @throws NotAPrivateKey, BeyondLimits, and whatever else it throws
 */
export function readingPrivateKey<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof DerLimitError) throw new BeyondLimits(error.limit, error);
    if (error instanceof PemError || error instanceof DerError || error instanceof KeyError) {
      throw new NotAPrivateKey(error.message, error);
    }
    throw error;
  }
}
