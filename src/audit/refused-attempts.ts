import type { Actor, Origin } from './actor.ts';
import { addressWindows, clientNetwork } from './address-windows.ts';
import type { NewEvent } from './event.ts';
import { minuteBudget } from './minute-budget.ts';
import type { AuditTrail } from './trail.ts';

/** Somebody tried what would have shown or changed a private key, and was refused. */
export interface RefusedAttempt {
  readonly actor: Actor | Origin;
  /** As the table of rights names it. */
  readonly operation: string;
  /** The code of the error that refused it. */
  readonly reason: string;
  /** The keypair's UUID; undefined where what was asked for names none. */
  readonly keypairId: string | undefined;
}

/** Of each address in a minute. */
const TOLD_ONE_BY_ONE = 60;
const WINDOW_SECONDS = 60;
/** Of all addresses together: whoever has many of them fills no table either. */
const TOLD_OF_ALL = 1000;
const MAX_ADDRESSES = 10_000;

const MESSAGE = 'An attempt on a private key was refused.';
const SUMMARY = 'More attempts on private keys were refused than are told one by one.';
const APP = 'authentik.crypto.api';

export interface RefusedAttemptsOptions {
  readonly trail: Pick<AuditTrail, 'record'>;
  /** Told of an event that could not be written: the refusal stands all the same. */
  onLoss(error: unknown): void;
  /** Milliseconds of a clock that only goes forward. */
  now?(): number;
  /** How many addresses are told apart. */
  readonly capacity?: number;
  /** How many attempts of all addresses are told one by one in a minute. */
  readonly limit?: number;
}

interface Minute {
  told: number;
  untold: number;
}

export type RefusedAttempts = ReturnType<typeof refusedAttempts>;

/**
 * Makes refused attempts events. A flood does not fill the table: of one address, those beyond sixty in a minute are one event that
 * counts them, and of all addresses those beyond a thousand.
 */
export function refusedAttempts(options: RefusedAttemptsOptions) {
  const { trail, onLoss, now = () => performance.now(), capacity = MAX_ADDRESSES, limit = TOLD_OF_ALL } = options;
  const writing = new Set<Promise<void>>();
  const minutes = addressWindows<Minute>({
    lengthMs: WINDOW_SECONDS * 1000,
    capacity,
    now,
    begin: () => ({ told: 0, untold: 0 }),
    end(address, { untold }) {
      if (untold > 0) {
        write(summaryOf(address, untold));
      }
    },
  });
  const budget = minuteBudget({ limit, now, exceeded: (count) => void write(summaryOf('', count)) });

  function write(event: NewEvent): Promise<void> {
    const written = trail
      .record(event)
      .catch(onLoss)
      .finally(() => writing.delete(written));
    writing.add(written);
    return written;
  }

  return {
    /** Writes the event, or counts it. Never throws. */
    async record(attempt: RefusedAttempt): Promise<void> {
      const minute = minutes.enter(clientNetwork(attempt.actor.address ?? ''));
      if (minute.told === TOLD_ONE_BY_ONE) {
        minute.untold++;
      } else if (budget.take()) {
        minute.told++;
        await write(eventOf(attempt));
      }
    },

    /** Writes what was counted in minutes that are over. To be called now and then, since a flood that ends calls nothing. */
    sweep(): void {
      minutes.sweep();
      budget.sweep();
    },

    /** Writes what was counted so far, and waits for all that is being written. */
    async close(): Promise<void> {
      minutes.clear();
      budget.clear();
      await Promise.all(writing);
    },

    /** How many addresses are held. */
    get size(): number {
      return minutes.size;
    },
  };
}

function eventOf({ actor, operation, reason, keypairId }: RefusedAttempt): NewEvent {
  const event = { action: 'suspicious_request', app: APP, actor } as const;
  const told = { message: MESSAGE, operation, reason };
  if (keypairId === undefined) {
    return { ...event, context: told };
  }
  const pk = keypairId.replaceAll('-', '');
  const [app, modelName] = ['authentik_crypto', 'certificatekeypair'];
  // Nobody looked the name up: whoever was refused learns nothing by how long that takes.
  return {
    ...event,
    model: { app, modelName, pk, name: '' },
    context: { ...told, secret: { pk, app, model_name: modelName } },
  };
}

function summaryOf(address: string, count: number): NewEvent {
  return {
    action: 'suspicious_request',
    app: APP,
    actor: address === '' ? {} : { address },
    context: { message: SUMMARY, count, window_seconds: WINDOW_SECONDS },
  };
}
