import { Abandoned, Busy } from './errors.ts';

/** A guess at how long one RSA-4096 generation takes, for the clients that are sent away. */
const SECONDS_PER_GENERATION = 2;

export interface GenerationQueueOptions {
  /** How many generations run at once. */
  readonly slots: number;
  /** How many more may wait. */
  readonly length: number;
}

export interface GenerationQueue {
  /**
   * Runs a generation when its turn comes, in the order of arrival.
   *
   * @param signal aborted when the caller leaves; a caller that leaves while it waits frees its place at once
   * @throws {Busy} at once, where the queue is full
   * @throws {Abandoned} where the caller left before its turn
   */
  run<T>(generate: () => Promise<T>, signal: AbortSignal): Promise<T>;
  /** Sends away what waits, and whoever still comes. What runs, runs on. */
  close(): void;
}

/**
 * Bounds key generation: it is the one thing here that takes seconds, on threads that the file system and DNS need too
 * (docs/decisions/0009-slow-work-never-blocks-fast-work.md).
 */
export function generationQueue({ slots, length }: GenerationQueueOptions): GenerationQueue {
  /** What waits, by what lets it begin; the value sends it away. */
  const waiting = new Map<() => void, () => void>();
  let running = 0;
  let closed = false;

  function busy(): Busy {
    return new Busy(Math.ceil(((waiting.size + 1) / slots) * SECONDS_PER_GENERATION));
  }

  async function turn(signal: AbortSignal): Promise<void> {
    if (signal.aborted) {
      throw new Abandoned();
    }
    if (closed) {
      throw busy();
    }
    if (running < slots) {
      running++;
      return;
    }
    if (waiting.size >= length) {
      throw busy();
    }
    await new Promise<void>((resolve, reject) => {
      const leave = () => {
        waiting.delete(begin);
        reject(new Abandoned());
      };
      const begin = () => {
        signal.removeEventListener('abort', leave);
        resolve();
      };
      waiting.set(begin, () => {
        signal.removeEventListener('abort', leave);
        reject(busy());
      });
      signal.addEventListener('abort', leave, { once: true });
    });
  }

  /** Hands the slot to the first that waits, so that nobody who comes now can slip in before. */
  function done(): void {
    const [next] = waiting.keys();
    if (next === undefined) {
      running--;
    } else {
      waiting.delete(next);
      next();
    }
  }

  return {
    async run(generate, signal) {
      await turn(signal);
      try {
        return await generate();
      } finally {
        done();
      }
    },
    close() {
      closed = true;
      for (const sendAway of waiting.values()) {
        sendAway();
      }
      waiting.clear();
    },
  };
}
