/** Writes no later time over an earlier one, and none over a later one. */
export type WriteLastUses = (uses: ReadonlyMap<string, Date>) => Promise<void>;

export interface LastUsesOptions {
  readonly write: WriteLastUses;
  /** Told of a write that failed; it is tried again. */
  onFailure(error: unknown): void;
  readonly now?: () => Date;
  readonly intervalMs?: number;
}

/** Of a token its last use is written no more often. */
const INTERVAL_MS = 60_000;
/** Beyond as many tokens, further ones have to wait until these are written. */
const MAX_PENDING = 10_000;
/** A database that is away must not keep the process from ending. */
const MAX_CLOSE_MS = 2000;

export type LastUses = ReturnType<typeof lastUses>;

/** Collects when tokens were used, and writes it now and then, all of them in one statement: a request never waits for it. */
export function lastUses({ write, onFailure, now = () => new Date(), intervalMs = INTERVAL_MS }: LastUsesOptions) {
  let pending = new Map<string, Date>();
  let timer: NodeJS.Timeout | undefined;
  let writing: Promise<void> | undefined;
  let closed = false;

  const schedule = () => {
    if (timer === undefined && !closed) {
      timer = setTimeout(() => {
        timer = undefined;
        flush();
      }, intervalMs).unref();
    }
  };

  async function writePending(): Promise<void> {
    const uses = pending;
    pending = new Map();
    try {
      await write(uses);
    } catch (error) {
      onFailure(error);
      // What came meanwhile is later.
      pending = new Map([...uses, ...pending]);
      schedule();
    }
  }

  function flush(): Promise<void> {
    writing ??= (pending.size === 0 ? Promise.resolve() : writePending()).finally(() => {
      writing = undefined;
    });
    return writing;
  }

  return {
    /** A token that is good was shown just now, whether or not it reaches where it was shown. */
    note(tokenId: string): void {
      if (pending.size < MAX_PENDING || pending.has(tokenId)) {
        pending.set(tokenId, now());
      }
      schedule();
    },

    /** Writes what was collected, unless that takes too long, and stops. */
    async close(): Promise<void> {
      closed = true;
      clearTimeout(timer);
      let patience: NodeJS.Timeout | undefined;
      const enough = new Promise<void>((resolve) => {
        patience = setTimeout(resolve, MAX_CLOSE_MS);
      });
      // What is being written may have begun before the latest uses.
      await Promise.race([flush().then(flush), enough]);
      clearTimeout(patience);
    },
  };
}
