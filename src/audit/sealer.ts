import type { Lease } from '../database/index.ts';
import type { AuditKeys } from './audit-key.ts';
import type { BatchRepository } from './batch-repository.ts';
import { type EventLines, eventLines } from './event-lines.ts';
import { dropBatches } from './retention.ts';
import type { RetentionRepository } from './retention-repository.ts';
import { type AuditLog, pageSealer } from './sealing.ts';
import { LEAST_ID } from './trail-repository.ts';

/** Puts committed events into batches, in one process of all at a time. */
export interface AuditSealer {
  /** Begins to look for events, once each tick. Keeps no process alive. */
  start(tickMs?: number): void;
  /** One turn, as a tick takes it, but that its errors are thrown. */
  turn(): Promise<void>;
  /** Takes a last turn, of bounded time, and ends. */
  close(): Promise<void>;
}

export interface AuditSealerOptions {
  readonly batches: BatchRepository;
  readonly retention: RetentionRepository;
  /** See {@link SEALER_LEASE}. */
  readonly lease: Lease;
  readonly keys: AuditKeys;
  /** `stdout` or a file's path: where each event is told of when it is sealed. */
  readonly linesTo?: string | undefined;
  /** Days after which events are dropped; 0 keeps them. */
  readonly retentionDays: number;
  readonly log: AuditLog;
}

const TICK_MS = 1000;
/** In one turn, so that none takes the time of many. */
const MAX_BATCHES = 20;
const MAX_DROPPED = 20;
const RETENTION_EVERY_MS = 60 * 60 * 1000;
const LAST_TURN_MS = 3000;
const DAY_MS = 24 * 60 * 60 * 1000;

const UNIQUE_VIOLATION = '23505';
const INSUFFICIENT_PRIVILEGE = '42501';

/** Ends after many ticks: who renews as late is gone. */
export const SEALER_LEASE = { name: 'audit-sealer', durationMs: 10_000 } as const;

export function auditSealer(options: AuditSealerOptions): AuditSealer {
  const { batches: repository, lease, keys, linesTo, retentionDays, log } = options;
  const retention = { repository: options.retention, keys, log };
  const lines: EventLines | undefined = linesTo === undefined ? undefined : eventLines(linesTo);
  const sealPage = pageSealer({ repository, keys, lines, log });

  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> = Promise.resolve();
  let isClosing = false;
  let isFailing = false;
  let after = LEAST_ID;
  let nextRetention = retentionDays > 0 ? 0 : Number.POSITIVE_INFINITY;

  async function seal(): Promise<void> {
    for (let batches = 0; batches < MAX_BATCHES && (await lease.take()); batches++) {
      const { last } = await sealPage(after);
      // What can't be sealed stays in the queue, and must not hide what comes behind it from the next turn.
      after = last ?? LEAST_ID;
      if (last === undefined) {
        return;
      }
    }
  }

  async function retain(): Promise<void> {
    if (!(await lease.take())) {
      return;
    }
    const before = new Date(Date.now() - retentionDays * DAY_MS);
    try {
      const dropped = await dropBatches(retention, before, MAX_DROPPED);
      nextRetention = dropped < MAX_DROPPED ? Date.now() + RETENTION_EVERY_MS : 0;
    } catch (error) {
      nextRetention = Date.now() + RETENTION_EVERY_MS;
      if (codeOf(error) !== INSUFFICIENT_PRIVILEGE) {
        throw error;
      }
      log.warn({}, 'this database role may not drop audit events: its owner can, with "certkeep audit prune"');
    }
  }

  async function turn(): Promise<void> {
    if (await repository.hasUnsealed()) {
      await seal();
    }
    if (Date.now() >= nextRetention) {
      await retain();
    }
  }

  async function guardedTurn(): Promise<void> {
    try {
      await turn();
      if (isFailing) {
        log.info({}, 'audit events are sealed again');
      }
      isFailing = false;
    } catch (error) {
      // Another process was quicker; what it left is for the next turn.
      if (codeOf(error) === UNIQUE_VIOLATION) {
        log.debug({}, 'another process sealed the same audit events first');
        return;
      }
      if (!isFailing) {
        log.warn({ err: error }, 'audit events wait to be sealed');
      }
      isFailing = true;
    }
  }

  function schedule(tickMs: number): void {
    timer = setTimeout(() => {
      running = guardedTurn().then(() => {
        if (!isClosing) {
          schedule(tickMs);
        }
      });
    }, tickMs).unref();
  }

  async function lastTurn(): Promise<void> {
    await running;
    await guardedTurn();
    await lease.release().catch(() => {});
  }

  return {
    turn,
    start(tickMs = TICK_MS) {
      schedule(tickMs);
    },
    async close() {
      isClosing = true;
      if (timer === undefined) {
        return;
      }
      clearTimeout(timer);
      await within(LAST_TURN_MS, lastTurn());
    },
  };
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}

/** Waits for work, but no longer than that. */
async function within(ms: number, work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([work, timeout]);
  clearTimeout(timer);
}
