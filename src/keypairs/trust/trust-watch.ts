import { setTimeout as sleep } from 'node:timers/promises';
import type { Lease } from '../../database/index.ts';
import { TOLD_AT_ONCE, type TrustStore } from './trust-store.ts';

export interface TrustWatchOptions {
  readonly trust: Pick<TrustStore, 'tellUntold'>;
  /** See {@link TRUST_WATCH_LEASE}. */
  readonly lease: Lease;
  readonly log: { warn(fields: object, message: string): void };
  readonly intervalMs?: number;
}

const INTERVAL_MS = 60_000;
/** A database that is away does not keep a server from ending. */
const PATIENCE_MS = 1000;

/** Ends soon after a turn that was due did not come. */
export const TRUST_WATCH_LEASE = { name: 'trust-watch', durationMs: 90_000 } as const;

/**
 * Looks each minute, in one process of all, for trust that ended by itself, so that its event is written though nobody looks. Does not
 * keep the process alive, and bears a database that is away.
 *
 * @returns close: ends it, and leaves the next turn to another process
 */
export function watchTrust({ trust, lease, log, intervalMs = INTERVAL_MS }: TrustWatchOptions) {
  let closed = false;
  let failing = false;
  let running: Promise<void> = Promise.resolve();
  let timer = setTimeout(tick, intervalMs).unref();

  async function look(): Promise<void> {
    try {
      while (!closed && (await lease.take()) && (await trust.tellUntold()) === TOLD_AT_ONCE);
      failing = false;
    } catch (error) {
      if (!failing) {
        log.warn({ err: error }, 'which certificates expired could not be looked for; the next attempt follows');
      }
      failing = true;
    }
  }

  function tick(): void {
    running = look().then(() => {
      if (!closed) {
        timer = setTimeout(tick, intervalMs).unref();
      }
    });
  }

  return {
    async close(): Promise<void> {
      closed = true;
      clearTimeout(timer);
      const released = running.then(() => lease.release()).catch(() => {});
      await Promise.race([released, sleep(PATIENCE_MS)]);
    },
  };
}
