import type { Keypairs } from '../../../keypairs/index.ts';
import { MANAGED_BY, PLACEMENT } from './signing-key-pair.ts';
import { type KeySet, MAX_STALENESS_MS, readKeys } from './signing-key-set.ts';

export type KnownKeys = ReturnType<typeof knownKeys>;

/**
 * What this process knows of the signing keys. However many ask, one question to the database is on its way and one waits.
 *
 * @param monotonic milliseconds of a clock that only goes forward
 */
export function knownKeys(keypairs: Pick<Keypairs, 'listManaged'>, monotonic: () => number) {
  let latest: KeySet | undefined;
  let reading: Promise<KeySet> | undefined;

  async function read(): Promise<KeySet> {
    // Before the question: the answer is at least as young.
    const readAt = monotonic();
    const stored = await keypairs.listManaged(PLACEMENT, MANAGED_BY);
    latest = { keys: await readKeys(stored, latest?.keys ?? []), readAt };
    return latest;
  }

  /** As the database has them after the call: a question that is on its way already was perhaps asked too early. */
  async function readAnew(): Promise<KeySet> {
    const earlier = reading;
    if (earlier !== undefined) {
      await earlier.catch(() => {});
    }
    if (reading === undefined || reading === earlier) {
      const own = read().finally(() => {
        if (reading === own) {
          reading = undefined;
        }
      });
      reading = own;
    }
    return reading;
  }

  return {
    readAnew,

    /** As they were five seconds ago at the most. */
    async recent(): Promise<KeySet> {
      return latest !== undefined && monotonic() - latest.readAt < MAX_STALENESS_MS ? latest : readAnew();
    },

    /** Makes who asks next ask the database. */
    forget(): void {
      latest = undefined;
    },
  };
}
