import { exportJWK, importX509, type JWK, type CryptoKey as PublicKey } from 'jose';
import type { KeypairId, ManagedKeypair } from '../../../keypairs/index.ts';

/** The only algorithm by which access tokens are signed and verified (contract §1.1). */
export const ALGORITHM = 'RS256';

/** For how long an access token is good, in seconds (contract §1.1). */
export const LIFETIME_SECONDS = 900;

/** For how long a replica goes by what it last read of the keys, in milliseconds. */
export const MAX_STALENESS_MS = 5000;

/**
 * How long a key is kept beside its successor, in milliseconds: the last token that it can have signed, by a replica that did not yet
 * know of the successor, has ended by then, also where the successor's transaction took its time.
 */
export const GRACE_MS = LIFETIME_SECONDS * 1000 + MAX_STALENESS_MS + 60_000;

const NAME = /^access-token-signing-key-(\d{1,15})$/;

/** Of the n-th key. Names are unique, so that of replicas which rotate at once one alone stores it. */
export function nameOfKey(number: number): string {
  return `access-token-signing-key-${number}`;
}

/** A key as everybody may know it. */
export interface SigningKey {
  readonly id: KeypairId;
  /** Of two keys the higher one is the later one. */
  readonly number: number;
  /** When it was read. */
  readonly ageMs: number;
  readonly publicKey: PublicKey;
  /** Of RFC 7517, with the public parts alone. */
  readonly jwk: JWK;
}

/** The keys as they were at one moment, the oldest first. */
export interface KeySet {
  readonly keys: readonly SigningKey[];
  /** Milliseconds of a clock that only goes forward. */
  readonly readAt: number;
}

/**
 * Makes keys of what is stored.
 *
 * @param known keys of before, whose certificates need not be read again
 */
export async function readKeys(
  stored: readonly ManagedKeypair[],
  known: readonly SigningKey[],
): Promise<readonly SigningKey[]> {
  const keys = await Promise.all(stored.map((each) => readKey(each, known)));
  return keys.filter((key) => key !== undefined).sort((one, other) => one.number - other.number);
}

async function readKey(
  { id, name, certificate, ageMs }: ManagedKeypair,
  known: readonly SigningKey[],
): Promise<SigningKey | undefined> {
  const [, digits] = NAME.exec(name) ?? [];
  if (digits === undefined || certificate === null) {
    return undefined;
  }
  const before = known.find((key) => key.id === id);
  if (before !== undefined) {
    return { ...before, ageMs };
  }
  const publicKey = await importX509(certificate, ALGORITHM, { extractable: true }).catch(() => undefined);
  if (publicKey === undefined) {
    // Somebody changed the row: what it would verify is refused, and the other keys go on.
    return undefined;
  }
  const { kty, n, e } = await exportJWK(publicKey);
  const jwk = { kty, use: 'sig', alg: ALGORITHM, kid: id, n, e } as JWK;
  return { id, number: Number(digits), ageMs, publicKey, jwk };
}

/**
 * Tells the keys by which a token may be verified from those that are retired: whose successor is so old that every token has ended which
 * they can have signed.
 */
export function divideKeys({ keys, readAt }: KeySet, now: number): Record<'usable' | 'retired', readonly SigningKey[]> {
  const isRetired = (index: number) => {
    const successor = keys[index + 1];
    return successor !== undefined && ageOf(successor, readAt, now) > GRACE_MS;
  };
  return {
    usable: keys.filter((_, index) => !isRetired(index)),
    retired: keys.filter((_, index) => isRetired(index)),
  };
}

/** How old a key is now that was read at `readAt`. */
export function ageOf({ ageMs }: Pick<SigningKey, 'ageMs'>, readAt: number, now: number): number {
  return ageMs + (now - readAt);
}
