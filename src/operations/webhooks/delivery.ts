import { setTimeout as sleep } from 'node:timers/promises';
import { repeatWork } from '../../database/index.ts';
import { AttemptFailed } from './attempt-failed.ts';
import { retryDelay } from './retry-schedule.ts';
import type { Send } from './send.ts';
import type { ClaimedMessage, Settlement, WebhookRepository } from './webhook-repository.ts';

/** What became of an attempt: `retried` where another one follows. */
export const ATTEMPT_OUTCOMES = ['delivered', 'retried', 'failed'] as const;
export type AttemptOutcome = (typeof ATTEMPT_OUTCOMES)[number];

export interface DeliveryOptions {
  readonly repository: Pick<WebhookRepository, 'claim' | 'settle' | 'prune'>;
  readonly send: Send;
  readonly log: {
    debug(fields: object, message: string): void;
    warn(fields: object, message: string): void;
    error(fields: object, message: string): void;
  };
  /** Told of each attempt. */
  readonly onAttempt?: ((outcome: AttemptOutcome) => void) | undefined;
  readonly intervalMs?: number;
  /** How long attempts may go on when the server ends. */
  readonly patienceMs?: number;
}

const INTERVAL_MS = 1000;
const AT_ONCE = 8;
/** Longer than an attempt takes. */
const CLAIM_MS = 60_000;
const PATIENCE_MS = 2000;
const RETENTION_DAYS = 30;
const PRUNED_AT_ONCE = 1000;
const PRUNE_EVERY_MS = 60 * 60 * 1000;

/**
 * Sends what stands in the outbox, beside all other processes that do. Each message is delivered at least once: one that was sent by a process
 * which ended before it could write that down is sent again, under the same id. Does not keep the process alive, and bears a database that is
 * away.
 *
 * @returns close: lets the attempts that are under way end for a short time, and leaves the rest to others
 */
export function deliverWebhooks(options: DeliveryOptions) {
  const { repository, send, log, onAttempt = () => {}, intervalMs = INTERVAL_MS, patienceMs = PATIENCE_MS } = options;
  const ending = new AbortController();
  let closed = false;
  let running: Promise<void> = Promise.resolve();
  let nextPrune = 0;

  async function attempt(message: ClaimedMessage): Promise<void> {
    const { id, type, attempts } = message;
    const settlement = await send(message, ending.signal).then(
      (): Settlement => ({ state: 'delivered' }),
      (error: unknown) => settlementOf(error, attempts),
    );
    await repository.settle(message, settlement);
    const outcome = settlement.state === 'pending' ? 'retried' : settlement.state;
    onAttempt(outcome);
    const fields = { messageId: id, type, attempts };
    if (settlement.state === 'delivered') {
      log.debug(fields, 'a webhook was delivered');
    } else if (settlement.state === 'pending') {
      const seconds = Math.round(settlement.delayMs / 1000);
      log.warn({ ...fields, failure: settlement.error, seconds }, 'a webhook was not delivered, and is sent again');
    } else {
      log.error(
        { ...fields, failure: settlement.error },
        'a webhook is given up; "certkeep webhook retry" sends it again',
      );
    }
  }

  async function sendDue(): Promise<void> {
    for (let claimed = AT_ONCE; !closed && claimed === AT_ONCE; ) {
      const messages = await repository.claim(AT_ONCE, CLAIM_MS);
      claimed = messages.length;
      const attempts = await Promise.allSettled(messages.map(attempt));
      const broken = attempts.find((result) => result.status === 'rejected');
      if (broken !== undefined) {
        throw broken.reason;
      }
    }
  }

  async function prune(): Promise<void> {
    if (performance.now() < nextPrune) {
      return;
    }
    const pruned = await repository.prune(RETENTION_DAYS, PRUNED_AT_ONCE);
    nextPrune = pruned === PRUNED_AT_ONCE ? 0 : performance.now() + PRUNE_EVERY_MS;
  }

  const work = repeatWork({
    turn() {
      running = sendDue().then(prune);
      return running;
    },
    intervalMs,
    onFailure: (err) => log.warn({ err }, 'the outbox of webhooks could not be worked on; the next attempt follows'),
  });

  return {
    async close(): Promise<void> {
      closed = true;
      const patience = setTimeout(() => ending.abort(), patienceMs);
      const over = running.catch(() => {});
      await work.close(() => over);
      // An attempt that was ended still writes that down.
      await Promise.race([over, sleep(patienceMs + PATIENCE_MS, undefined, { ref: false })]);
      clearTimeout(patience);
    },
  };
}

function settlementOf(error: unknown, attempts: number): Settlement {
  if (!(error instanceof AttemptFailed)) {
    throw error;
  }
  if (error.code === 'ENDED') {
    return { state: 'pending', error: error.message, delayMs: 0, counts: false };
  }
  const delayMs = error.code === 'GONE' ? undefined : retryDelay(attempts, error.retryAfterMs);
  return delayMs === undefined
    ? { state: 'failed', error: error.message }
    : { state: 'pending', error: error.message, delayMs, counts: true };
}
