import { setTimeout } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { SEALER_LEASE } from '../../../src/audit/index.ts';
import { TRUST_WATCH_LEASE } from '../../../src/keypairs/index.ts';
import { createDatabase, type TestDatabase } from '../../support/database.ts';
import { whileLocked } from '../../support/held-lock.ts';
import { present } from '../../support/present.ts';
import { cluster, type Replica, startLoad, startReplica, stopReplicas } from '../../support/replicas.ts';
import { until } from '../../support/until.ts';
import { send } from '../support/client.ts';
import { inMs, printFigures } from '../support/figures.ts';
import { faultRounds, timeFor } from '../support/rounds.ts';
import { HASTENED, holders, leaseHistory, WATCH_LEASES } from './support/leases.ts';

const ROUNDS = faultRounds(3);
const LEASES = [SEALER_LEASE.name, TRUST_WATCH_LEASE.name];
/** The sealer looks once a second; the rest is for a machine that is busy. */
const TICK_MS = 1000;
const SLOWNESS_MS = 4000;

/** Waits until all of these leases are held by one of these replicas each, and tells how long that took. */
async function heldBy(database: TestDatabase, leases: readonly string[], among: readonly Replica[]): Promise<number> {
  const begin = performance.now();
  const names = among.map(({ name }) => name);
  await until(async () => {
    const now = await holders(database);
    return leases.every((lease) => names.includes(now.get(lease) ?? ''));
  }, 60_000);
  return performance.now() - begin;
}

async function remaining(database: TestDatabase, lease: string): Promise<number> {
  const [row] = await database.query<{ ms: number }>(
    'SELECT (1000 * extract(epoch FROM expires_at - clock_timestamp()))::float AS ms FROM leases WHERE name = $1',
    [lease],
  );
  return present(row).ms;
}

test(
  'a lease is held by one replica at a time, passes on in its time where that one is killed, and at once where it ends',
  async () => {
    const database = await createDatabase();
    onTestFinished(() => database.drop());
    await database.query(WATCH_LEASES);
    const shared = cluster(database, HASTENED);
    const replicas: Replica[] = [];
    onTestFinished(() => stopReplicas(replicas));
    let live = replicas;
    // Something to seal at all times.
    const load = startLoad(
      async (nth) => {
        const replica = live[nth % live.length];
        const body = { common_name: `c ${nth}`, validity_days: 1, alg: 'ecdsa' };
        await (replica && send(replica, 'POST', 'generate/', body).catch(() => {}));
        await setTimeout(20);
      },
      { clients: 2, most: 5000, forMs: timeFor(ROUNDS) },
    );
    // The first one has them all before the others come.
    replicas.push(await startReplica(shared, 'replica-1'));
    await heldBy(database, LEASES, replicas);
    replicas.push(...(await Promise.all([startReplica(shared, 'replica-2'), startReplica(shared, 'replica-3')])));
    const [first, ...others] = replicas as [Replica, Replica, Replica];

    live = others;
    await first.kill();
    const left = await remaining(database, SEALER_LEASE.name);
    // Of a lease that lasts minutes, most goes by at once.
    await database.query(
      "UPDATE leases SET expires_at = least(expires_at, clock_timestamp() + interval '3 seconds') WHERE name <> $1",
      [SEALER_LEASE.name],
    );
    const afterKill = await heldBy(database, [SEALER_LEASE.name], others);
    await heldBy(database, LEASES, others);

    for (const lease of LEASES) {
      for (let round = 0; round < ROUNDS; round++) {
        const ended = { rows: `UPDATE leases SET expires_at = 'epoch' WHERE name = '${lease}'` };
        await whileLocked(database, ended, ({ untilWaiting }) => untilWaiting({ processes: 2 }));
        await heldBy(database, [lease], others);
      }
    }

    // All with one, so that the other must take all.
    const sealer = (await holders(database)).get(SEALER_LEASE.name);
    const ending = present(others.find(({ name }) => name === sealer));
    const last = present(others.find((replica) => replica !== ending));
    live = [last];
    expect(await ending.stop()).toBe(0);
    const afterEnd = await heldBy(database, LEASES, [last]);
    await load.stop();

    const { stolen, handedOver, refused, batches, strangers } = await leaseHistory(database);
    const certain = LEASES.length * ROUNDS;
    printFigures(
      `leases on 3 replicas: ${certain} wanted by two at once for certain, refused in all: ${refused}, handed over: ${handedOver}, stolen: ${stolen}; ` +
        `holder killed with ${inMs(left)} left: the next one after ${inMs(afterKill)}; holder ended: after ${inMs(afterEnd)}; ` +
        `${batches} batches sealed, by another than the holder: ${strangers}`,
    );
    expect({ stolen, strangers }).toEqual({ stolen: 0, strangers: 0 });
    expect(refused).toBeGreaterThanOrEqual(certain);
    expect(batches).toBeGreaterThan(ROUNDS);
    expect(afterKill).toBeGreaterThan(left - TICK_MS);
    expect(left).toBeLessThanOrEqual(SEALER_LEASE.durationMs);
    expect(afterKill).toBeLessThan(left + TICK_MS + SLOWNESS_MS);
    expect(afterEnd).toBeLessThan(TICK_MS + SLOWNESS_MS);
  },
  timeFor(ROUNDS),
);
