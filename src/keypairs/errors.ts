import type { Limit } from '../x509/index.ts';
import type { Keypair, KeypairId } from './keypair.ts';

/** What can be wrong with a keypair that a caller wants stored. Stable: dialects word each of them. */
export type ProblemCode = 'NAME_TAKEN' | 'NAME_TOO_LONG' | 'NOT_A_CERTIFICATE' | 'NOT_A_PRIVATE_KEY';

/** One thing that is wrong, with the reason for the log (never shown, never secret). */
export interface Problem {
  readonly code: ProblemCode;
  readonly reason?: string;
  /** Of a text that was not read to its end, and may be sound: what there was too much of. */
  readonly limit?: Limit;
}

export type KeypairErrorCode =
  | 'KEYPAIR_REFUSED'
  | 'KEYPAIR_NOT_FOUND'
  | 'KEYPAIR_IN_USE'
  | 'SIGNER_GONE'
  | 'HOLDS_PRIVATE_KEY'
  | 'BUSY'
  | 'ENDING'
  | 'ABANDONED';

/** The errors of the domain. They know no HTTP: each dialect turns them into its own words. */
export abstract class KeypairError extends Error {
  abstract readonly code: KeypairErrorCode;
}

/** What was to be stored can't be. Nothing was. */
export class KeypairRefused extends KeypairError {
  override readonly name = 'KeypairRefused';
  readonly code = 'KEYPAIR_REFUSED';
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    super(problems.map(({ code, reason }) => (reason === undefined ? code : `${code}: ${reason}`)).join('; '));
    this.problems = problems;
  }
}

/** No keypair of that id is where the caller looks. */
export class KeypairNotFound extends KeypairError {
  override readonly name = 'KeypairNotFound';
  readonly code = 'KEYPAIR_NOT_FOUND';

  constructor(id: KeypairId) {
    super(`there is no keypair ${id}`);
  }
}

/** A keypair signed others that are stored, and stays for as long as they do. */
export class KeypairInUse extends KeypairError {
  override readonly name = 'KeypairInUse';
  readonly code = 'KEYPAIR_IN_USE';
  /** What it signed, by name; of very many the first ones. None where they were deleted in this moment. */
  readonly signed: readonly Pick<Keypair, 'id' | 'name'>[];
  /** Whether it signed more than those. */
  readonly andMore: boolean;

  constructor(id: KeypairId, signed: readonly Pick<Keypair, 'id' | 'name'>[], andMore = false) {
    super(`${id} signed ${signed.length} others that are stored`);
    this.signed = signed;
    this.andMore = andMore;
  }
}

/** The CA that signed what was to be stored was deleted meanwhile. Nothing was stored. */
export class SignerGone extends KeypairError {
  override readonly name = 'SignerGone';
  readonly code = 'SIGNER_GONE';

  constructor() {
    super('the signer was deleted');
  }
}

/** The owner of what was to be stored has it already: another process was first. No API asks for such keypairs. */
export class ManagedTaken extends Error {
  override readonly name = 'ManagedTaken';
  readonly code = 'MANAGED_TAKEN';

  constructor() {
    super('its owner has one already');
  }
}

/** A keypair is another than the one that was looked at. Thrown only at who names a revision, which no API does. */
export class KeypairChanged extends Error {
  override readonly name = 'KeypairChanged';
  readonly code = 'KEYPAIR_CHANGED';

  constructor(id: KeypairId) {
    super(`${id} was changed meanwhile`);
  }
}

/** A certificate's text holds a private key, and was asked for by somebody who may not see keys. */
export class HoldsPrivateKey extends KeypairError {
  override readonly name = 'HoldsPrivateKey';
  readonly code = 'HOLDS_PRIVATE_KEY';

  constructor(id: KeypairId) {
    super(`the certificate text of ${id} holds a private key`);
  }
}

/** The kinds of work that callers wait for. Stable: dialects word each of them. */
export type BusyWork = 'KEY_GENERATION' | 'PASSPHRASE' | 'CHAIN';

/** Too much work of a kind waits already. */
export class Busy extends KeypairError {
  override readonly name = 'Busy';
  readonly code = 'BUSY';
  /** When to ask again. */
  readonly retryAfterSeconds: number;
  readonly work: BusyWork;

  constructor(work: BusyWork, retryAfterSeconds: number) {
    super(`too much work waits already: ${work}`);
    this.work = work;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** This process ends, and begins nothing more that others wait for. Nothing was stored. */
export class ServerEnding extends KeypairError {
  override readonly name = 'ServerEnding';
  readonly code = 'ENDING';
  /** When another process may have taken its place. */
  readonly retryAfterSeconds = 5;

  constructor() {
    super('the server is ending');
  }
}

/** The caller left before its work was done; what it asked for was not stored. */
export class Abandoned extends KeypairError {
  override readonly name = 'Abandoned';
  readonly code = 'ABANDONED';

  constructor() {
    super('the caller left');
  }
}
