/** How much is let through. */
export interface Rate {
  readonly perSecond: number;
  /** How many may come at once, after a pause. */
  readonly burst: number;
}

/** Beyond these, who came the longest ago is forgotten. */
export const MAX_REMEMBERED = 10_000;

/**
 * Counts what comes under each key, by the generic cell rate algorithm (ITU-T I.371 §A.2): of each key it remembers one number, the
 * time at which it will have been quiet for long enough to be like one that never came.
 *
 * Its memory is bounded. Whoever can come under more keys than it remembers has the allowance of each of them anyway.
 */
export class RateLimiter {
  readonly #quietAt = new Map<string, number>();
  readonly #intervalMs: number;
  readonly #toleranceMs: number;
  readonly #now: () => number;
  readonly #most: number;

  /** @param now milliseconds of a clock that only goes forward */
  constructor({ perSecond, burst }: Rate, now: () => number = () => performance.now(), most = MAX_REMEMBERED) {
    this.#intervalMs = 1000 / perSecond;
    // A microsecond more than it is: sums of fractions are not exact.
    this.#toleranceMs = this.#intervalMs * (burst - 1) + 0.001;
    this.#now = now;
    this.#most = most;
  }

  /**
   * Counts one more under a key.
   *
   * @returns 0 where it is let through; else after how many milliseconds one would be. What is refused does not count
   */
  take(key: string): number {
    const now = this.#now();
    const quietAt = Math.max(now, this.#quietAt.get(key) ?? 0);
    const wait = quietAt - this.#toleranceMs - now;
    this.#remember(key, wait > 0 ? quietAt : quietAt + this.#intervalMs);
    return Math.max(0, wait);
  }

  /** How many keys are remembered. */
  get size(): number {
    return this.#quietAt.size;
  }

  /** A map keeps the order in which its keys were set: the first is the one that came the longest ago. */
  #remember(key: string, quietAt: number): void {
    this.#quietAt.delete(key);
    this.#quietAt.set(key, quietAt);
    const oldest = this.#quietAt.keys().next();
    if (this.#quietAt.size > this.#most && oldest.done !== true) {
      this.#quietAt.delete(oldest.value);
    }
  }
}
