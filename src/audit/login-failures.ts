import type { Origin } from './actor.ts';
import { addressWindows, clientNetwork } from './address-windows.ts';
import type { NewEvent } from './event.ts';
import { minuteBudget } from './minute-budget.ts';
import type { AuditTrail } from './trail.ts';

const WINDOW_SECONDS = 300;
const MAX_ADDRESSES = 10_000;
/** Events in a minute, of all addresses together. */
const TOLD_OF_ALL = 100;
/** The first count that is told of, and from then on each that is twice the one before. */
const FIRST_TOLD = 5;

const MESSAGE = 'Tokens that are unknown, expired or revoked were shown again and again.';
const SUMMARY = 'From more addresses than are told one by one, such tokens were shown again and again.';

export interface LoginFailuresOptions {
  readonly trail: Pick<AuditTrail, 'record'>;
  /** Told of an event that could not be written. */
  onLoss(error: unknown): void;
  /** Milliseconds of a clock that only goes forward. */
  now?(): number;
  /** How many addresses are told apart. */
  readonly capacity?: number;
}

export type LoginFailures = ReturnType<typeof loginFailures>;

/**
 * Counts tokens that were not let in, for each address together whatever was tried, and makes an event of the fifth within five minutes,
 * the tenth, the twentieth and so on. What was tried is not known here, and can't be told.
 */
export function loginFailures(options: LoginFailuresOptions) {
  const { trail, onLoss, now = () => performance.now(), capacity = MAX_ADDRESSES } = options;
  const writing = new Set<Promise<void>>();
  const windows = addressWindows({
    lengthMs: WINDOW_SECONDS * 1000,
    capacity,
    now,
    begin: () => ({ failures: 0 }),
  });
  const budget = minuteBudget({
    limit: TOLD_OF_ALL,
    now,
    exceeded: (count) => void write({}, { message: SUMMARY, count, window_seconds: 60 }),
  });

  function write(actor: Origin, context: NewEvent['context']): Promise<void> {
    const written = trail
      .record({ action: 'login_failed', app: 'authentik.api.authentication', actor, context })
      .catch(onLoss)
      .finally(() => writing.delete(written));
    writing.add(written);
    return written;
  }

  return {
    /** Counts a failure, and writes an event where it is one to be told of. Never throws. */
    async note(origin: Origin): Promise<void> {
      const window = windows.enter(clientNetwork(origin.address ?? ''));
      const count = ++window.failures;
      if (isToldOf(count) && budget.take()) {
        await write(origin, { message: MESSAGE, count, window_seconds: WINDOW_SECONDS });
      }
    },

    /** Writes of how much nothing was told, once the minute is over. To be called now and then. */
    sweep(): void {
      budget.sweep();
    },

    /** Writes of how much nothing was told so far, and waits for all that is being written. */
    async close(): Promise<void> {
      budget.clear();
      await Promise.all(writing);
    },

    /**
     * How many failures an address has in its five minutes.
     *
     * @param address an IP address; those of one IPv6 /64 count together
     */
    count(address: string): number {
      return windows.find(clientNetwork(address))?.failures ?? 0;
    },

    /** How many addresses are held. */
    get size(): number {
      return windows.size;
    },
  };
}

function isToldOf(count: number): boolean {
  const times = count / FIRST_TOLD;
  return Number.isInteger(times) && Number.isInteger(Math.log2(times));
}
