/** Changes come in bursts, and a pair in two files: one scan is for all of them. */
export interface Changes {
  /** Something changed. */
  mark(): void;
  /** Whether something did, and no more does; or it never stops. */
  areSettled(): boolean;
  /** What changed until now is being looked at. */
  take(): void;
}

/** However much is written, a scan comes so soon. */
const MAX_WAIT_MS = 10_000;

/**
 * @param quietMs how long nothing may change before it is looked at
 * @param monotonic milliseconds of a clock that only goes forward
 */
export function changes(quietMs: number, monotonic: () => number = () => performance.now()): Changes {
  let first: number | undefined;
  let last = 0;
  return {
    mark() {
      last = monotonic();
      first ??= last;
    },
    areSettled() {
      const now = monotonic();
      return first !== undefined && (now - last >= quietMs || now - first >= MAX_WAIT_MS);
    },
    take() {
      first = undefined;
    },
  };
}
