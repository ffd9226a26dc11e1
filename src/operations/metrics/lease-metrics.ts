import { Counter, Gauge, type Registry } from 'prom-client';
import type { Lease } from '../../database/index.ts';

export interface WatchedLease {
  readonly name: string;
  readonly durationMs: number;
}

/** Tells which leases this process holds, as far as it knows without asking: until the end of what it took last. */
export function leaseMetrics(registry: Registry, now: () => number = () => performance.now()) {
  /** Until when each is held; 0 for one that is not. */
  const heldUntil = new Map<string, number>();
  const acquisitions = new Counter({
    name: 'certkeep_lease_acquisitions_total',
    help: 'How often this process came to hold a lease that it did not hold before.',
    labelNames: ['lease'],
    registers: [registry],
  });
  new Gauge({
    name: 'certkeep_lease_held',
    help: 'Whether this process holds a lease.',
    labelNames: ['lease'],
    registers: [registry],
    collect() {
      for (const [lease, until] of heldUntil) {
        this.set({ lease }, now() < until ? 1 : 0);
      }
    },
  });

  /** The same lease, but watched. */
  return function watchLease(lease: Lease, { name, durationMs }: WatchedLease): Lease {
    heldUntil.set(name, 0);
    acquisitions.inc({ lease: name }, 0);
    return {
      async take() {
        // Before it is asked for: by the database's clock it may end as early.
        const asked = now();
        const isTaken = await lease.take();
        if (isTaken && asked >= (heldUntil.get(name) ?? 0)) {
          acquisitions.inc({ lease: name });
        }
        heldUntil.set(name, isTaken ? asked + durationMs : 0);
        return isTaken;
      },
      async release() {
        heldUntil.set(name, 0);
        await lease.release();
      },
    };
  };
}
