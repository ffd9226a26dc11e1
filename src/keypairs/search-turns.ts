import { StoreUnavailable } from '../database/index.ts';
import { type Turns, takeTurns } from './turns.ts';
import { type TurnsPerKey, turnsPerKey } from './turns-per-key.ts';

export interface SearchTurnsOptions {
  /** Connections to the database, of all requests together. */
  readonly connections: number;
  /** How long a search may wait, in milliseconds. */
  readonly patienceMs: number;
}

/**
 * Bounds searches to half of the connections: what one takes grows with the length of the text times that of each name, and a few at
 * once would hold every connection until their timeout (docs/decisions/0009-slow-work-never-blocks-fast-work.md). One that waits in
 * vain ends as if it had waited for a connection: with {@link StoreUnavailable}.
 */
export function searchTurns({ connections, patienceMs }: SearchTurnsOptions): Turns {
  return takeTurns({
    slots: Math.max(1, Math.floor(connections / 2)),
    length: Number.POSITIVE_INFINITY,
    patienceMs,
    refusal: (waiting) => new StoreUnavailable(new Error(`${waiting} searches wait for their turn`)),
  });
}

/** Of one account at once, and as many searches of it, which wait for those of all: a few of its callers don't wait for each other, and all of them together leave the others theirs. */
const PER_ACCOUNT = 2;

/**
 * Bounds what is read of many entries of a trust store at once, account by account: each may take as long as the account is large. One
 * that waits in vain ends as a search does.
 */
export function accountTurns({ patienceMs }: Pick<SearchTurnsOptions, 'patienceMs'>): TurnsPerKey {
  return turnsPerKey({
    slots: PER_ACCOUNT,
    length: Number.POSITIVE_INFINITY,
    patienceMs,
    refusal: (waiting) => new StoreUnavailable(new Error(`${waiting} reads of one account wait for their turn`)),
  });
}
