import type { AuditTrail } from '../../audit/index.ts';
import { type Lease, repeatWork } from '../../database/index.ts';
import { expiryEvent } from './expiry-event.ts';
import { expiryMessage } from './expiry-message.ts';
import type { ExpiryRepository, TurnResult } from './expiry-repository.ts';
import { isoTime, type Notice } from './notice.ts';
import { crossingsOf, type Threshold } from './threshold.ts';

export interface ExpiryWatchOptions {
  readonly repository: ExpiryRepository;
  readonly trail: Pick<AuditTrail, 'prepare'>;
  /** See {@link EXPIRY_WATCH_LEASE}. */
  readonly lease: Lease;
  readonly log: { info(fields: object, message: string): void; warn(fields: object, message: string): void };
  /** Whether notices are put into the outbox of webhooks too. */
  readonly sendsWebhooks: boolean;
  /** Told of each notice once it is written. */
  readonly onNotice?: ((threshold: Threshold) => void) | undefined;
  /** The database's clock, on which all processes agree, unless it is given. */
  readonly now?: (() => Date) | undefined;
  readonly intervalMs?: number | undefined;
  /** How many certificates are looked at in one transaction. */
  readonly batch?: number;
}

const INTERVAL_MS = 10_000;
/** So few that who exchanges one of these certificates does not wait for long. */
const BATCH = 100;

/** Ends soon after turns that were due did not come. */
export const EXPIRY_WATCH_LEASE = { name: 'expiry-watch', durationMs: 30_000 } as const;

/** One turn: looks at the certificates that are due, and writes the notices of what they crossed. */
export function expiryTurn({
  repository,
  trail,
  log,
  sendsWebhooks,
  onNotice = () => {},
  now,
  batch = BATCH,
}: Omit<ExpiryWatchOptions, 'lease' | 'intervalMs'>): () => Promise<TurnResult> {
  return async () => {
    const result = await repository.takeTurn({
      limit: batch,
      at: now?.(),
      judge: ({ validity, since }, at) => crossingsOf(validity, since, at),
      tell: (notice) => ({
        event: trail.prepare(expiryEvent(notice)),
        message: sendsWebhooks ? expiryMessage(notice) : undefined,
      }),
    });
    for (const notice of result.told) {
      log.info(fieldsOf(notice), 'a certificate crossed a threshold of its expiry');
      onNotice(notice.threshold);
    }
    return result;
  };
}

/**
 * Looks every few seconds, in one process of all, for certificates of all realms that crossed a threshold of their expiry
 * (docs/operations/expiry.md). Does not keep the process alive, and bears a database that is away.
 *
 * @returns close: ends it, and leaves the next turn to another process
 */
export function watchExpiry({ lease, intervalMs = INTERVAL_MS, ...options }: ExpiryWatchOptions) {
  const { log, batch = BATCH } = options;
  const turn = expiryTurn({ ...options, batch });
  let closed = false;
  const work = repeatWork({
    async turn() {
      while (!closed && (await lease.take()) && (await turn()).looked === batch);
    },
    intervalMs,
    onFailure: (err) =>
      log.warn({ err }, 'which certificates are about to expire could not be looked for; the next attempt follows'),
  });

  return {
    async close(): Promise<void> {
      closed = true;
      await work.close(() => lease.release());
    },
  };
}

function fieldsOf({ certificate, threshold }: Notice) {
  const { keypair, validity } = certificate;
  return {
    keypairId: keypair.id,
    ...keypair.placement,
    threshold,
    notAfter: isoTime(validity.notAfter),
  };
}
