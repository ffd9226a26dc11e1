import type { SealedIdentity } from './envelope.ts';

export type SealingErrorCode = 'KEK_MALFORMED' | 'KEK_MISMATCH' | 'KEK_RETIRED' | 'KEK_UNKNOWN' | 'SEAL_BROKEN';

/** What can go wrong with sealing. No message ever holds a key, a secret or a part of one. */
export abstract class SealingError extends Error {
  abstract readonly code: SealingErrorCode;
}

/** What was given as a key-encryption key is not 32 bytes in base64. */
export class KekMalformed extends SealingError {
  override readonly name = 'KekMalformed';
  readonly code = 'KEK_MALFORMED';

  /** @param position of the key among several, from 1 */
  constructor(position?: number) {
    const rule = 'a key-encryption key is exactly 32 bytes in base64';
    super(position === undefined ? rule : `${rule}; number ${position} of those that were given is not`);
  }
}

/** None of the given key-encryption keys is the one that this store was sealed with. */
export class KekMismatch extends SealingError {
  override readonly name = 'KekMismatch';
  readonly code = 'KEK_MISMATCH';

  constructor(kekId: string) {
    super(`the given key-encryption key does not open the canary of KEK ${kekId}, which this database was sealed with`);
  }
}

/** A secret was sealed under a key-encryption key that has been retired since. It is sealed anew under the one that seals now. */
export class KekRetired extends SealingError {
  override readonly name = 'KekRetired';
  readonly code = 'KEK_RETIRED';

  constructor() {
    super('the key-encryption key that sealed this was retired meanwhile');
  }
}

/** A record names a key-encryption key that this process does not hold. */
export class KekUnknown extends SealingError {
  override readonly name = 'KekUnknown';
  readonly code = 'KEK_UNKNOWN';

  constructor(kekId: string, { purpose, rowId }: SealedIdentity) {
    super(`the ${purpose} of keypair ${rowId} is sealed with KEK ${kekId}, which this process does not hold`);
  }
}

/** A record does not open: it was altered, moved from another row, or is older than its row says. */
export class SealBroken extends SealingError {
  override readonly name = 'SealBroken';
  readonly code = 'SEAL_BROKEN';

  constructor({ purpose, rowId, revision }: SealedIdentity) {
    super(
      `the sealed ${purpose} of keypair ${rowId} (revision ${revision}) does not open: the record is not the one that was sealed`,
    );
  }
}

export type KekRefusedCode =
  | 'AMBIGUOUS'
  | 'NOT_FOUND'
  | 'NOT_HELD'
  | 'RETIRED'
  | 'SEALS'
  | 'STILL_WRAPS'
  | 'SUPERSEDED'
  | 'TOO_MANY_FAILURES';

/** What an operator asked of the KEKs is not done; the message says why and what to do. */
export class KekRefused extends Error {
  override readonly name = 'KekRefused';
  readonly code: KekRefusedCode;

  constructor(code: KekRefusedCode, message: string) {
    super(message);
    this.code = code;
  }
}
