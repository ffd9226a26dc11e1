import { setTimeout as sleep } from 'node:timers/promises';

/** A scrape waits no longer for the database, in milliseconds: Prometheus gives it ten seconds. */
const PATIENCE_MS = 4_000;

/** Waits for what a scrape shows; undefined where it takes too long. */
export async function inTime<T>(reading: Promise<T>, patienceMs: number = PATIENCE_MS): Promise<T | undefined> {
  const over = new AbortController();
  const late = sleep(patienceMs, undefined, { ref: false, signal: over.signal }).catch(() => undefined);
  try {
    return await Promise.race([reading, late]);
  } finally {
    over.abort();
  }
}

/** How long a failure stands, where what is read would stand for longer. */
const RETRY_MS = 5_000;

export interface SharedReadOptions<T> {
  read(): Promise<T>;
  /** How long what was read is told again without reading, in milliseconds. */
  readonly forMs: number;
  /** How long one waits for it, in milliseconds; as long as a scrape does unless it is given. */
  readonly patienceMs?: number;
  /** Told of the first failure of several in a row. */
  onFailure(error: unknown): void;
  /** Milliseconds, of any beginning. */
  readonly now?: () => number;
}

/**
 * Reads for many at once, and at most every so often.
 *
 * @returns what was read; undefined where it could not be read, or not in time
 */
export function sharedRead<T>(options: SharedReadOptions<T>): () => Promise<T | undefined> {
  const { read, forMs, patienceMs, onFailure, now = () => performance.now() } = options;
  let known: Promise<T | undefined> | undefined;
  let isReading = false;
  let isFailing = false;
  let readAt = 0;
  let keptMs = forMs;

  async function readOnce(): Promise<T | undefined> {
    try {
      const value = await read();
      isFailing = false;
      keptMs = forMs;
      return value;
    } catch (error) {
      if (!isFailing) {
        onFailure(error);
      }
      isFailing = true;
      keptMs = Math.min(forMs, RETRY_MS);
      return undefined;
    } finally {
      isReading = false;
    }
  }

  return () => {
    if (known === undefined || (!isReading && now() - readAt >= keptMs)) {
      readAt = now();
      isReading = true;
      known = readOnce();
    }
    return inTime(known, patienceMs);
  };
}
