import { setTimeout as sleep } from 'node:timers/promises';

export interface RepeatedWorkOptions {
  /** One turn. The next one begins an interval after its end. */
  turn(): Promise<void>;
  readonly intervalMs: number;
  /** Told of the first failure of several in a row: a database that is away is borne. */
  onFailure(error: unknown): void;
}

export interface RepeatedWork {
  /**
   * Ends it, once the turn that runs is over.
   *
   * @param last what is done behind it, whether or not it succeeds; a database that is away does not keep a process from ending
   */
  close(last: () => Promise<void>): Promise<void>;
}

const PATIENCE_MS = 1000;

/** Begins work that a server does again and again, the first time after an interval. Does not keep the process alive. */
export function repeatWork({ turn, intervalMs, onFailure }: RepeatedWorkOptions): RepeatedWork {
  let closed = false;
  let failing = false;
  let running: Promise<void> = Promise.resolve();
  let timer = setTimeout(tick, intervalMs).unref();

  async function take(): Promise<void> {
    try {
      await turn();
      failing = false;
    } catch (error) {
      if (!failing) {
        onFailure(error);
      }
      failing = true;
    }
  }

  function tick(): void {
    running = take().then(() => {
      if (!closed) {
        timer = setTimeout(tick, intervalMs).unref();
      }
    });
  }

  return {
    async close(last) {
      closed = true;
      clearTimeout(timer);
      const done = running.then(last).catch(() => {});
      await Promise.race([done, sleep(PATIENCE_MS)]);
    },
  };
}
