import { Abandoned, ServerEnding } from './errors.ts';

export interface TurnsOptions {
  /** How many run at once. */
  readonly slots: number;
  /** How many more may wait. */
  readonly length: number;
  /** How long one may wait before it is sent away, in milliseconds; without it, as long as its caller does. */
  readonly patienceMs?: number;
  /**
   * What is thrown at whoever is sent away.
   *
   * @param waiting how many wait
   */
  refusal(waiting: number): Error;
}

export interface Turns {
  /**
   * Runs something when its turn comes, in the order of arrival.
   *
   * @param signal aborted when the caller leaves; a caller that leaves while it waits frees its place at once
   * @throws what `refusal` gives: at once where too many wait, and once the patience is over
   * @throws {ServerEnding} after {@link Turns.close}
   * @throws {Abandoned} where the caller left before its turn
   */
  run<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T>;
  counts(): TurnCounts;
  /** Sends away what waits, and whoever still comes. What runs, runs on. */
  close(): void;
}

export interface TurnCounts {
  readonly running: number;
  readonly waiting: number;
  /** Sent away since the beginning. Who left by itself is not among them. */
  readonly refused: number;
}

/** Lets only so many run at once; the others wait for their turn. */
export function takeTurns({ slots, length, patienceMs, refusal }: TurnsOptions): Turns {
  /** What waits, by what lets it begin; the value sends it away. */
  const waiting = new Map<() => void, () => void>();
  let running = 0;
  let refused = 0;
  let closed = false;

  function refuse(): Error {
    refused++;
    return closed ? new ServerEnding() : refusal(waiting.size);
  }

  async function turn(signal: AbortSignal): Promise<void> {
    if (signal.aborted) {
      throw new Abandoned();
    }
    if (closed) {
      throw refuse();
    }
    if (running < slots) {
      running++;
      return;
    }
    if (waiting.size >= length) {
      throw refuse();
    }
    await new Promise<void>((resolve, reject) => {
      const after = (settle: () => void) => () => {
        settle();
        waiting.delete(begin);
        clearTimeout(patience);
        signal.removeEventListener('abort', leave);
      };
      const begin = after(resolve);
      const leave = after(() => reject(new Abandoned()));
      const sendAway = after(() => reject(refuse()));
      const patience = patienceMs === undefined ? undefined : setTimeout(sendAway, patienceMs);
      waiting.set(begin, sendAway);
      signal.addEventListener('abort', leave, { once: true });
    });
  }

  /** Hands the slot to the first that waits, so that nobody who comes now can slip in before. */
  function done(): void {
    const [next] = waiting.keys();
    if (next === undefined) {
      running--;
    } else {
      next();
    }
  }

  return {
    async run(work, signal) {
      await turn(signal);
      try {
        return await work();
      } finally {
        done();
      }
    },
    counts: () => ({ running, waiting: waiting.size, refused }),
    close() {
      closed = true;
      for (const sendAway of waiting.values()) {
        sendAway();
      }
    },
  };
}
