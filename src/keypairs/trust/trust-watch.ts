import { type Lease, repeatWork } from '../../database/index.ts';
import { TOLD_AT_ONCE, type TrustStore } from './trust-store.ts';

export interface TrustWatchOptions {
  readonly trust: Pick<TrustStore, 'tellUntold'>;
  /** See {@link TRUST_WATCH_LEASE}. */
  readonly lease: Lease;
  readonly log: { warn(fields: object, message: string): void };
  readonly intervalMs?: number;
}

const INTERVAL_MS = 60_000;

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
  const work = repeatWork({
    async turn() {
      while (!closed && (await lease.take()) && (await trust.tellUntold()) === TOLD_AT_ONCE);
    },
    intervalMs,
    onFailure: (err) =>
      log.warn({ err }, 'which certificates expired could not be looked for; the next attempt follows'),
  });

  return {
    async close(): Promise<void> {
      closed = true;
      await work.close(() => lease.release());
    },
  };
}
