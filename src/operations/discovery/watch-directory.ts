import { hostname } from 'node:os';
import { type Lease, repeatWork } from '../../database/index.ts';
import { changes } from './changes.ts';
import { directoryWatch } from './directory-watch.ts';
import type { ScanCounts } from './discovery.ts';
import { hasBegun, minuteOfHost } from './hourly.ts';

export interface WatchDirectoryOptions {
  /** Absolute. */
  readonly directory: string;
  scan(signal: AbortSignal): Promise<ScanCounts>;
  /** See {@link DISCOVERY_LEASE}. */
  readonly lease: Lease;
  readonly log: { warn(fields: object, message: string): void };
  /** Told of each scan that came to its end. */
  onScan?(counts: ScanCounts): void;
  /** By which the hours are told. */
  now?(): Date;
  readonly host?: string;
  readonly tickMs?: number;
  readonly quietMs?: number;
  readonly retryMs?: number;
}

const TICK_MS = 500;
const QUIET_MS = 500;
const RETRY_MS = 2000;
const RENEWAL_MS = 20_000;

/** Held for a scan, and renewed while that lasts. */
export const DISCOVERY_LEASE = { name: 'discovery', durationMs: 60_000 } as const;

/**
 * Scans a directory at the start, each hour, and after each change in it. One process of all scans at a time, and each its own directory:
 * the lease saves work, while the store's unique index decides. Bears a database that is away, and a directory that comes later or goes.
 *
 * @returns close: ends it, between two pairs
 */
export function watchDirectory(options: WatchDirectoryOptions) {
  const { directory, scan, lease, log, onScan, now = () => new Date(), host = hostname() } = options;
  const { tickMs = TICK_MS, quietMs = QUIET_MS, retryMs = RETRY_MS } = options;
  const closing = new AbortController();
  const due = changes(quietMs);
  const minute = minuteOfHost(host);
  let looked = now();
  let retryAt = 0;
  let failing = false;
  let isBlind = false;
  const watch = directoryWatch(directory, {
    onChange: () => due.mark(),
    onFailure(err) {
      if (!isBlind) {
        log.warn({ err, directory }, 'changes of the discovery directory can not all be seen; it is read each hour');
      }
      isBlind = true;
    },
  });
  due.mark();

  function noteHour(): void {
    const moment = now();
    if (hasBegun(minute, looked, moment)) {
      due.mark();
    }
    looked = moment;
  }

  async function scanHolding(): Promise<void> {
    const renewal = setInterval(() => lease.take().catch(() => {}), RENEWAL_MS).unref();
    // Before it begins: what changes meanwhile may have been read already.
    due.take();
    try {
      const counts = await scan(closing.signal);
      onScan?.(counts);
      failing = false;
    } finally {
      clearInterval(renewal);
      await lease.release();
    }
  }

  function noteFailure(err: unknown): void {
    due.mark();
    retryAt = performance.now() + retryMs;
    if (!failing && !closing.signal.aborted) {
      log.warn({ err, directory }, 'the discovery directory could not be taken over; the next attempt follows');
    }
    failing = true;
  }

  async function turn(): Promise<void> {
    noteHour();
    await watch.follow();
    if (due.areSettled() && performance.now() >= retryAt && (await lease.take())) {
      await scanHolding();
    }
  }

  // It tells of its failures itself: between two attempts are turns that have nothing to do.
  const work = repeatWork({
    turn: () => turn().catch(noteFailure),
    intervalMs: tickMs,
    onFailure: noteFailure,
  });

  return {
    async close(): Promise<void> {
      closing.abort();
      await watch.close();
      await work.close(() => lease.release());
    },
  };
}
