import { setImmediate } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { auditTrail, eventRepository, insertEvent } from '../../src/audit/index.ts';
import { aNewEvent, keptLog, openTestDatabase, sealerOn, someKeys, verified } from '../support/audit.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { whileLocked } from '../support/held-lock.ts';
import { until } from '../support/until.ts';
import { printFigures } from './support/figures.ts';

/** By then a sealer has read the queue and the end of the chain, and waits to write the next batch. */
const LOCK = { table: 'event_batches' };
const ROUNDS = 3;

let database: TestDatabase;
beforeEach(async () => {
  database = await createDatabase();
});
afterEach(() => database.drop());

/** How many events there are, and in how many batches each: what the batches say by SQL alone. */
async function memberships() {
  const [row] = await database.query<{ events: number; once: number; unsealed: number }>(`
    SELECT (SELECT count(*) FROM events)::int AS events, (SELECT count(*) FROM unsealed_events)::int AS unsealed,
      (SELECT count(*) FROM events e WHERE (SELECT count(*) FROM event_batch_members m WHERE m.event_id = e.id) = 1)::int AS once`);
  return row ?? { events: 0, once: 0, unsealed: 0 };
}

/** Ends every lease again and again: each sealer takes itself for the only one. */
function loseLeases() {
  let goesOn = true;
  let lost = 0;
  const losing = (async () => {
    while (goesOn) {
      lost += (
        await database.query("UPDATE leases SET expires_at = 'epoch' WHERE expires_at > clock_timestamp() RETURNING 1")
      ).length;
      await setImmediate();
    }
  })();
  return async () => {
    goesOn = false;
    await losing;
    return lost;
  };
}

test('two sealers that both believe they hold the lease put each committed event into one batch of one chain', async () => {
  const keys = someKeys();
  const { log, lines } = keptLog();
  const replicas = [openTestDatabase(database.url), openTestDatabase(database.url)];
  const sealers = replicas.map((replica) => sealerOn(replica, { keys, log }));
  const stop = loseLeases();
  let round = 0;
  for (const sealer of sealers) {
    sealer.start(1);
  }
  const conflicts = () => lines.filter(({ level }) => level === 'debug').length;
  let written = 0;
  let rolledBack = 0;
  const writers = replicas.flatMap((replica) =>
    Array.from({ length: 4 }, async (_, writer) => {
      const trail = auditTrail(eventRepository(replica), keys.current);
      for (let nth = 0; nth < 50 || round < ROUNDS; nth++) {
        written++;
        if (nth % 10 !== writer) {
          await trail.record(aNewEvent());
          continue;
        }
        const aborted = replica.prisma.$transaction(async (tx) => {
          await insertEvent(tx, trail.prepare(aNewEvent()));
          throw new Error('rolled back by the test');
        });
        await aborted.catch(() => rolledBack++);
      }
    }),
  );
  for (; round < ROUNDS; round++) {
    // Both would write the same batch then.
    await whileLocked(database, LOCK, ({ untilWaiting }) => untilWaiting({ processes: 1, connections: 2 }));
    await until(() => conflicts() > round);
  }
  await Promise.all(writers);
  await until(async () => (await memberships()).unsealed === 0);
  const lost = await stop();
  await Promise.all(sealers.map((sealer) => sealer.close()));

  const { findings, batches, sealedEvents } = await verified(replicas[0] as (typeof replicas)[0], keys);
  await Promise.all(replicas.map((replica) => replica.close()));
  printFigures(
    `two sealers at once: ${sealedEvents} events in ${batches} batches, ${rolledBack} rolled back, leases lost ${lost} times, ${conflicts()} batches refused for another's sake`,
  );
  expect(await memberships()).toEqual({ events: written - rolledBack, once: written - rolledBack, unsealed: 0 });
  expect(sealedEvents).toBe(written - rolledBack);
  expect(findings).toEqual([]);
  expect(lost).toBeGreaterThan(0);
  expect(conflicts()).toBeGreaterThanOrEqual(ROUNDS);
});
