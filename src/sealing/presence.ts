import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { repeatWork } from '../database/index.ts';
import type { Instance, KekRepository } from './kek-repository.ts';
import type { KeyRing } from './key-ring.ts';

/** Well below the five seconds for which the sealing KEK is believed, so that a request hardly ever waits to learn it. */
const INTERVAL_MS = 2000;

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
  const work = repeatWork({
    async turn() {
      await ring.refresh();
      await ring.announce(instance);
    },
    intervalMs,
    onFailure: (err) =>
      log.warn({ err }, 'which key-encryption key seals could not be learned; the next attempt follows'),
  });

  return {
    // Where that can't be written, the others notice half a minute later.
    close: () => work.close(() => repository.withdraw(instance)),
  };
}
