import { importPKCS8, type CryptoKey as PrivateKey } from 'jose';
import { type Actor, SERVER } from '../../../audit/index.ts';
import { Busy, KeypairNotFound, type Keypairs, ServerEnding, StoreUnavailable } from '../../../keypairs/index.ts';
import { isNameTaken } from '../name-taken.ts';
import { knownKeys } from './known-keys.ts';
import { newSigningKey, PLACEMENT } from './signing-key-pair.ts';
import { ALGORITHM, ageOf, divideKeys, type KeySet, nameOfKey, type SigningKey } from './signing-key-set.ts';

export type SigningKeyStore = Pick<Keypairs, 'listManaged' | 'generate' | 'openForUse' | 'remove'>;

export interface SigningKeysOptions {
  readonly keypairs: SigningKeyStore;
  /** After how many days another key signs. */
  readonly signingKeyDays: number;
  now(): Date;
  /** Milliseconds of a clock that only goes forward; how old keys are is for the database's to say. */
  monotonic?(): number;
}

/** The private half of a key, for the time of one signature. */
export interface Signer {
  readonly kid: string;
  readonly privateKey: PrivateKey;
}

export type SigningKeys = ReturnType<typeof signingKeys>;

const DAY_MS = 86_400_000;
/** A key can be gone that was there a moment ago, and a name taken that was free: by then the reason for it has been read. */
const ATTEMPTS = 5;

/**
 * The keys of the access tokens: stored pairs, of which the newest signs. All that replicas share of them is in the database; none of them
 * leads (docs/decisions/0022-access-tokens.md).
 */
export function signingKeys(options: SigningKeysOptions) {
  const { keypairs, signingKeyDays, now, monotonic = () => performance.now() } = options;
  const known = knownKeys(keypairs, monotonic);
  let replacing: Promise<SigningKey> | undefined;

  const usableOf = (set: KeySet) => divideKeys(set, monotonic()).usable;
  const isYoung = (key: SigningKey, { readAt }: KeySet) => ageOf(key, readAt, monotonic()) < signingKeyDays * DAY_MS;

  /**
   * Stores the next key.
   *
   * @returns undefined where somebody else did
   */
  async function add(actor: Actor, number: number): Promise<SigningKey | undefined> {
    try {
      const wanted = newSigningKey(nameOfKey(number), signingKeyDays, now());
      // Nobody leaves: whoever asked first is not the only one who waits for it.
      await keypairs.generate(actor, PLACEMENT, wanted, new AbortController().signal);
    } catch (error) {
      if (!isNameTaken(error)) {
        throw error;
      }
      return undefined;
    }
    return (await known.readAnew()).keys.find((key) => key.number === number);
  }

  async function replaceUnlessYoung(): Promise<SigningKey> {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const set = await known.readAnew();
      const newest = set.keys.at(-1);
      if (newest !== undefined && isYoung(newest, set)) {
        return newest;
      }
      const added = await add(SERVER, (newest?.number ?? 0) + 1).catch((error: unknown) => {
        // An old key is better than none: it is as secret as before.
        if ((error instanceof Busy || error instanceof ServerEnding) && newest !== undefined) {
          return newest;
        }
        throw error;
      });
      if (added !== undefined) {
        return added;
      }
    }
    throw new Error('no signing key could be stored, though each name was taken by one');
  }

  /** Another process may do it at the same time, and what fails is tried again at the next token. */
  async function removeRetired(set: KeySet): Promise<void> {
    const { retired } = divideKeys(set, monotonic());
    for (const { id } of retired) {
      await keypairs.remove(SERVER, PLACEMENT, id).catch((error: unknown) => {
        if (!(error instanceof StoreUnavailable)) {
          unlessGone(error);
        }
      });
    }
    if (retired.length > 0) {
      known.forget();
    }
  }

  /** The key that signs; made where there is none, or where it is too old. */
  async function current(): Promise<SigningKey> {
    const set = await known.recent();
    const newest = set.keys.at(-1);
    await removeRetired(set);
    if (newest !== undefined && isYoung(newest, set)) {
      return newest;
    }
    replacing ??= replaceUnlessYoung().finally(() => {
      replacing = undefined;
    });
    return replacing;
  }

  return {
    /**
     * Opens the key that signs now.
     *
     * @throws {Busy} where there is none yet, and too many generations wait
     * @throws {ServerEnding} where there is none yet, and this process is about to end
     * @throws {StoreUnavailable} where the database is away
     * @throws {SealingError} where it does not open
     */
    async openCurrent(): Promise<Signer> {
      for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
        const { id } = await current();
        try {
          const { privateKey } = await keypairs.openForUse(PLACEMENT, id);
          return { kid: id, privateKey: await importPKCS8(privateKey ?? '', ALGORITHM) };
        } catch (error) {
          if (!(error instanceof KeypairNotFound)) {
            throw error;
          }
          // Somebody revoked it since it was read.
          known.forget();
        }
      }
      throw new Error('each signing key was gone before it could sign');
    },

    /**
     * The public key of that id; undefined where there is none, or none any more.
     *
     * @param purpose for a read, what was so within the last five seconds will do; a write is decided by what the database says now
     */
    async find(kid: string, purpose: 'read' | 'write') {
      const named = (set: KeySet) => usableOf(set).find(({ id }) => id === kid)?.publicKey;
      return (purpose === 'read' ? named(await known.recent()) : undefined) ?? named(await known.readAnew());
    },

    /** Every key by which a token may have been signed that has not ended, as the database has them now. Makes none. */
    async published() {
      return usableOf(await known.readAnew()).map(({ jwk }) => jwk);
    },

    /**
     * Makes another key the one that signs, however young the last one is.
     *
     * @param isRevoked whether the keys before it go at once, and with them every access token
     * @returns the id of the new key, and how many went
     */
    async rotate(actor: Actor, { isRevoked }: { readonly isRevoked: boolean }) {
      for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
        const { keys } = await known.readAnew();
        const added = await add(actor, (keys.at(-1)?.number ?? 0) + 1);
        if (added !== undefined) {
          const earlier = isRevoked ? keys : [];
          for (const { id } of earlier) {
            await keypairs.remove(actor, PLACEMENT, id).catch(unlessGone);
          }
          known.forget();
          return { kid: added.id as string, removed: earlier.length };
        }
      }
      throw new Error('somebody else made each of the next keys');
    },
  };
}

/** @throws whatever was not that it is gone already */
function unlessGone(error: unknown): void {
  if (!(error instanceof KeypairNotFound)) {
    throw error;
  }
}
