import { ServerEnding } from './errors.ts';
import { type Turns, type TurnsOptions, takeTurns } from './turns.ts';

/** Turns of their own for each key: however much one asks for, the others don't wait for it. */
export interface TurnsPerKey {
  /** As {@link Turns.run}, among those of the key. */
  run<T>(key: string, work: () => Promise<T>, signal: AbortSignal): Promise<T>;
  /** Sends away what waits; from now on nobody waits. Whoever finds room still runs. */
  close(): void;
}

interface Kept {
  readonly turns: Turns;
  /** How many run or wait. */
  users: number;
}

/** For a key that nobody had asked for before the end. */
const CLOSED = { length: 0, refusal: () => new ServerEnding() };

/** @param options of each key's turns */
export function turnsPerKey(options: TurnsOptions): TurnsPerKey {
  const kept = new Map<string, Kept>();
  let closed = false;
  return {
    async run(key, work, signal) {
      const own = kept.get(key) ?? { turns: takeTurns(closed ? { ...options, ...CLOSED } : options), users: 0 };
      kept.set(key, own);
      own.users++;
      try {
        return await own.turns.run(work, signal);
      } finally {
        own.users--;
        if (own.users === 0) {
          kept.delete(key);
        }
      }
    },
    close() {
      closed = true;
      for (const { turns } of kept.values()) {
        turns.close();
      }
    },
  };
}
