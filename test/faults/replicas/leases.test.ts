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
import { HASTENED, holders, keptBy, leaseHistory, WATCH_LEASES } from './support/leases.ts';

const ROUNDS = faultRounds(3);
const LEASES = [SEALER_LEASE.name, TRUST_WATCH_LEASE.name];

/** Waits until all of these leases are held by one of these replicas each, and tells how long that took. */
async function heldBy(database: TestDatabase, leases: readonly string[], among: readonly Replica[]): Promise<number> {
  const begin = performance.now();
  const names = among.map(({ name }) => name);
  await until(async () => {
    const now = await holders(database);
    return leases.every((lease) => names.includes(now.get(lease) ?? ''));
  });
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
      { clients: 2, most: 100_000, forMs: timeFor(ROUNDS) },
    );
    // The first one has them all before the others come.
    replicas.push(await startReplica(shared, 'replica-1'));
    await heldBy(database, LEASES, replicas);
    replicas.push(...(await Promise.all([startReplica(shared, 'replica-2'), startReplica(shared, 'replica-3')])));
    const [first, ...others] = replicas as [Replica, Replica, Replica];

    live = others;
    await first.kill();
    const left = await remaining(database, SEALER_LEASE.name);
    // Most of what is left goes by at once.
    await database.query("UPDATE leases SET expires_at = least(expires_at, clock_timestamp() + interval '1 second')");
    const afterKill = await heldBy(database, LEASES, others);

    for (const lease of LEASES) {
      for (let round = 0; round < ROUNDS; round++) {
        const ended = { rows: `UPDATE leases SET expires_at = 'epoch' WHERE name = '${lease}'` };
        await whileLocked(database, ended, ({ untilWaiting }) => untilWaiting({ processes: 2 }));
        await heldBy(database, [lease], others);
      }
    }

    // All with one, so that the other must take all.
    const held = await holders(database);
    const ending = present(others.find(({ name }) => name === held.get(SEALER_LEASE.name)));
    const last = present(others.find((replica) => replica !== ending));
    live = [last];
    expect(await ending.stop()).toBe(0);
    // Whatever the others had to wait for, they did not wait for the end of its time.
    const its = LEASES.filter((lease) => held.get(lease) === ending.name);
    expect(await keptBy(database, ending.name, its)).toEqual([]);
    const afterEnd = await heldBy(database, LEASES, [last]);
    await load.stop();

    const { stolen, handedOver, refused, batches, strangers } = await leaseHistory(database);
    const certain = LEASES.length * ROUNDS;
    printFigures(
      `leases on 3 replicas: ${certain} wanted by two at once for certain, refused in all: ${refused}, handed over: ${handedOver}, stolen: ${stolen}; ` +
        `holder killed with ${inMs(left)} left, of which all but a second went by at once: the next one after ${inMs(afterKill)}; holder ended: after ${inMs(afterEnd)}; ` +
        `${batches} batches sealed, by another than the holder: ${strangers}`,
    );
    expect({ stolen, strangers }).toEqual({ stolen: 0, strangers: 0 });
    expect(refused).toBeGreaterThanOrEqual(certain);
    expect(batches).toBeGreaterThan(ROUNDS);
    // Nothing was stolen, so nobody had it before that time was over.
    expect(left).toBeLessThanOrEqual(SEALER_LEASE.durationMs);
  },
  timeFor(ROUNDS),
);
