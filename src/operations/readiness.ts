import { setTimeout as sleep } from 'node:timers/promises';

/** What is asked of the store; all of it is asked at once. */
export interface ReadinessChecks {
  /** Rejects, or gives false, where the database does not answer, or only reads. */
  database(): Promise<boolean>;
  /** Whether every migration that this version knows is applied. */
  migrations(): Promise<boolean>;
  /** Whether a key of this process opens the canary of the KEK that seals. */
  canary(): Promise<boolean>;
}

export type ReadinessCondition = keyof ReadinessChecks | 'draining';

/** Whether each condition holds; undefined of what can't be told while the database is away. */
export type Verdicts = Readonly<Record<ReadinessCondition, boolean | undefined>>;

/** Whether this server can serve, and means to. */
export interface Readiness {
  isReady(): Promise<boolean>;
  verdicts(): Promise<Verdicts>;
  /** From now on it is not ready, though it still serves: whoever balances the load turns to others. */
  beginDraining(): void;
  isDraining(): boolean;
}

export interface ReadinessOptions {
  readonly checks: ReadinessChecks;
  /** The bound of all checks together, in milliseconds. */
  readonly timeoutMs: number;
  readonly log: { info(fields: object, message: string): void; warn(fields: object, message: string): void };
  /** Milliseconds, of any beginning. */
  readonly now?: () => number;
}

/** However many probe, the store is asked once in that time; what is told is no older when the probe comes. */
const BELIEVED_MS = 1000;

type StoreVerdicts = Pick<Verdicts, keyof ReadinessChecks>;

/** Judges readiness for many probes at once, and logs each change of its reasons once. */
export function openReadiness({ checks, timeoutMs, log, now = () => performance.now() }: ReadinessOptions): Readiness {
  let isDraining = false;
  let known: Promise<StoreVerdicts> | undefined;
  let isLooking = false;
  let lookedAt = 0;
  let toldReasons = '';

  async function look(): Promise<StoreVerdicts> {
    const errors: Partial<Record<keyof ReadinessChecks, unknown>> = {};
    const holds = async (check: keyof ReadinessChecks): Promise<boolean> => {
      try {
        return await checks[check]();
      } catch (error) {
        errors[check] = error;
        return false;
      }
    };
    const over = new AbortController();
    const end = sleep(timeoutMs, false, { ref: false, signal: over.signal }).catch(() => false);
    const inTime = (check: keyof ReadinessChecks) => Promise.race([holds(check), end]);
    const [database, migrations, canary] = await Promise.all([
      inTime('database'),
      inTime('migrations'),
      inTime('canary'),
    ]);
    over.abort();
    const verdicts = database
      ? { database, migrations, canary }
      : { database, migrations: undefined, canary: undefined };
    tell(verdicts, errors);
    return verdicts;
  }

  function tell(verdicts: StoreVerdicts, errors: Partial<Record<keyof ReadinessChecks, unknown>>): void {
    const failing = (Object.keys(verdicts) as (keyof ReadinessChecks)[]).filter((check) => verdicts[check] === false);
    const reasons = failing.join();
    if (reasons === toldReasons) {
      return;
    }
    toldReasons = reasons;
    const [first] = failing;
    if (first === undefined) {
      log.info({}, 'ready again');
    } else {
      log.warn({ failing, err: errors[first] }, 'not ready: a condition of readiness does not hold');
    }
  }

  /** One at a time: whoever comes meanwhile is told what it finds. */
  function shared(): Promise<StoreVerdicts> {
    if (known === undefined || (!isLooking && now() - lookedAt >= BELIEVED_MS)) {
      lookedAt = now();
      isLooking = true;
      known = look().finally(() => {
        isLooking = false;
      });
    }
    return known;
  }

  return {
    async isReady() {
      if (isDraining) {
        return false;
      }
      const verdicts = await shared();
      // It may have begun to drain meanwhile.
      return !isDraining && Object.values(verdicts).every((holds) => holds === true);
    },
    async verdicts() {
      return { ...(await shared()), draining: !isDraining };
    },
    beginDraining() {
      if (!isDraining) {
        isDraining = true;
        log.info({}, 'not ready from now on: this server is about to end');
      }
    },
    isDraining: () => isDraining,
  };
}
