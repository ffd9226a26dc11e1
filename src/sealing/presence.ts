import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Instance, KekRepository } from './kek-repository.ts';
import type { KeyRing } from './key-ring.ts';

/** Well below the five seconds for which the sealing KEK is believed, so that a request hardly ever waits to learn it. */
const INTERVAL_MS = 2000;
/** A database that is away does not keep a server from ending. */
const PATIENCE_MS = 1000;

/** This process, by a name of its own: pids come again. */
export function thisInstance(): Instance {
  return { id: randomUUID(), name: `${hostname()}:${process.pid}` };
}

export interface PresenceOptions {
  readonly repository: KekRepository;
  readonly ring: KeyRing;
  readonly instance: Instance;
  readonly log: { warn(fields: object, message: string): void };
  readonly intervalMs?: number;
}

/**
 * Learns every few seconds which KEK seals, and tells the others that this server runs and what it holds. Does not keep the process
 * alive, and bears a database that is away.
 *
 * @returns close: ends it, and tells the others that this server ends
 */
export function keepPresent({ repository, ring, instance, log, intervalMs = INTERVAL_MS }: PresenceOptions) {
  let closed = false;
  let failing = false;
  let running: Promise<void> = Promise.resolve();
  let timer = setTimeout(tick, intervalMs).unref();

  async function tellAndLearn(): Promise<void> {
    try {
      await ring.refresh();
      await ring.announce(instance);
      failing = false;
    } catch (error) {
      if (!failing) {
        log.warn({ err: error }, 'which key-encryption key seals could not be learned; the next attempt follows');
      }
      failing = true;
    }
  }

  function tick(): void {
    running = tellAndLearn().then(() => {
      if (!closed) {
        timer = setTimeout(tick, intervalMs).unref();
      }
    });
  }

  return {
    async close(): Promise<void> {
      closed = true;
      clearTimeout(timer);
      // Where that can't be written, the others notice half a minute later.
      const withdrawn = running.then(() => repository.withdraw(instance)).catch(() => {});
      await Promise.race([withdrawn, sleep(PATIENCE_MS)]);
    },
  };
}
