import { SERVER } from '../../audit/index.ts';
import { repeatWork } from '../../database/index.ts';
import { type Generation, KeypairRefused, type Keypairs, ManagedTaken } from '../../keypairs/index.ts';

export interface MakeFirstPairsOptions {
  readonly keypairs: Pick<Keypairs, 'generate' | 'listManaged'>;
  readonly pairs: readonly Generation[];
  readonly log: { info(fields: object, message: string): void; warn(fields: object, message: string): void };
  readonly intervalMs?: number;
}

const INTERVAL_MS = 1000;
const PLACEMENT = { realm: 'authentik', scope: '' } as const;

/**
 * Makes pairs that shall be there, beside a server that serves already: each where neither its name nor, of a managed one, its owner has a
 * pair yet. What is there stays as it is, however old. Processes that begin together store each once: the unique indexes decide. Bears a
 * database that is away and a full queue. Does not keep the process alive.
 *
 * @returns close: ends it
 */
export function makeFirstPairs({ keypairs, pairs, log, intervalMs = INTERVAL_MS }: MakeFirstPairsOptions) {
  const leaving = new AbortController();
  const missing = [...pairs];

  async function isThere({ managed }: Generation): Promise<boolean> {
    return managed !== undefined && (await keypairs.listManaged(PLACEMENT, managed)).length > 0;
  }

  async function make(pair: Generation): Promise<void> {
    if (await isThere(pair)) {
      return;
    }
    try {
      await keypairs.generate(SERVER, PLACEMENT, pair, leaving.signal);
      log.info({ name: pair.name }, 'a first pair of authentik was made');
    } catch (error) {
      if (!isTaken(error)) {
        throw error;
      }
      if (pair.managed !== undefined && !(await isThere(pair))) {
        log.warn({ name: pair.name }, 'a first pair of authentik is not made: another pair has its name');
      }
    }
  }

  const work = repeatWork({
    async turn() {
      for (let pair = missing[0]; pair !== undefined && !leaving.signal.aborted; pair = missing[0]) {
        await make(pair);
        missing.shift();
      }
      void work.close(async () => {});
    },
    intervalMs,
    onFailure(err) {
      if (!leaving.signal.aborted) {
        log.warn({ err }, 'the first pairs of authentik could not be made; the next attempt follows');
      }
    },
  });

  return {
    async close(): Promise<void> {
      leaving.abort();
      await work.close(async () => {});
    },
  };
}

function isTaken(error: unknown): boolean {
  const isNameTaken = error instanceof KeypairRefused && error.problems.some(({ code }) => code === 'NAME_TAKEN');
  return isNameTaken || error instanceof ManagedTaken;
}
