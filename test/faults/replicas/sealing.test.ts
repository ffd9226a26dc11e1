import { expect, onTestFinished, test } from 'vitest';
import { deriveAuditKeys, SEALER_LEASE } from '../../../src/audit/index.ts';
import { parseKek } from '../../../src/sealing/index.ts';
import { openTestDatabase, verified } from '../../support/audit.ts';
import { createDatabase, type TestDatabase } from '../../support/database.ts';
import { whileLocked } from '../../support/held-lock.ts';
import { opensslPair } from '../../support/openssl.ts';
import { present } from '../../support/present.ts';
import { cluster, type Replica, startLoad, startReplicas, stopReplicas } from '../../support/replicas.ts';
import { until } from '../../support/until.ts';
import { send } from '../support/client.ts';
import { printFigures } from '../support/figures.ts';
import { faultRounds, timeFor } from '../support/rounds.ts';
import { loseLease } from './support/leases.ts';

const ROUNDS = faultRounds(3);
const CLIENTS = 6;
const PATIENCE_MS = 60_000;
/** Whoever seals has read the queue and the end of the chain by then, and waits to write the next batch. */
const LOCK = { table: 'event_batches' };

interface Memberships {
  readonly events: number;
  readonly once: number;
  readonly unsealed: number;
}

/** How many events there are, how many are in exactly one batch, and how many wait: by SQL alone. */
async function memberships(database: TestDatabase): Promise<Memberships> {
  const rows = await database.query<Memberships>(`
    SELECT (SELECT count(*)::int FROM events) AS events, (SELECT count(*)::int FROM unsealed_events) AS unsealed,
      (SELECT count(*)::int FROM (SELECT event_id FROM event_batch_members GROUP BY 1 HAVING count(*) = 1) m
        JOIN events e ON e.id = m.event_id) AS once`);
  return present(rows[0]);
}

const conflicts = (replicas: readonly Replica[]) =>
  replicas
    .flatMap(({ process }) => process.output().split('\n'))
    .filter((line) => line.includes('another process sealed the same audit events first')).length;

/** Changes and views, each of which is an event, on whichever replicas live. */
async function startWriting(live: () => readonly Replica[]) {
  const { certificate, privateKey } = opensslPair();
  const pks = await Promise.all(
    Array.from({ length: CLIENTS }, async (_, index) => {
      const body = { name: `sealed ${index}`, certificate_data: certificate, key_data: privateKey };
      const { text } = await send(present(live()[0]), 'POST', '', body);
      return (JSON.parse(text) as { pk: string }).pk;
    }),
  );
  const counts = { answered: CLIENTS, unanswered: 0, wrong: [] as string[] };
  const load = startLoad(
    async (nth) => {
      const replica = present(live()[nth % live().length]);
      const pk = pks[nth % CLIENTS];
      const answer = await (nth % 2 === 0
        ? send(replica, 'PATCH', `${pk}/`, {})
        : send(replica, 'GET', `${pk}/view_private_key/`)
      ).catch(() => undefined);
      if (answer === undefined) {
        counts.unanswered++;
      } else if (answer.status === 200) {
        counts.answered++;
      } else {
        counts.wrong.push(`${answer.status} ${answer.text}`);
      }
    },
    { clients: CLIENTS, most: 100_000, forMs: timeFor(ROUNDS) },
  );
  return { counts, load };
}

test(
  'three replicas under load, of which one is killed as it seals, put each event into one batch of one chain',
  async () => {
    const database = await createDatabase();
    onTestFinished(() => database.drop());
    const shared = cluster(database, { CERTKEEP_LOG_LEVEL: 'debug' });
    const replicas = await startReplicas(shared, 3);
    onTestFinished(() => stopReplicas(replicas));
    // Events of the start: the first token.
    const { events: before } = await memberships(database);
    let live: readonly Replica[] = replicas;
    const { counts, load } = await startWriting(() => live);

    let lost = 0;
    for (let round = 1; round <= ROUNDS; round++) {
      const isLast = round === ROUNDS;
      await whileLocked(database, LOCK, async ({ untilWaiting }) => {
        const stopLosing = loseLease(database, SEALER_LEASE.name);
        await untilWaiting({ processes: 3 });
        lost += await stopLosing();
        if (isLast) {
          live = replicas.slice(0, 2);
          await present(replicas[2]).kill();
        }
      });
      await until(() => conflicts(replicas) >= (isLast ? 2 * round - 1 : 2 * round), PATIENCE_MS);
    }
    await load.stop();
    await database.query("UPDATE leases SET expires_at = 'epoch'");
    await until(async () => (await memberships(database)).unsealed === 0, PATIENCE_MS);

    const own = openTestDatabase(database.url);
    const { findings, sealedEvents, batches } = await verified(own, deriveAuditKeys([parseKek(shared.kek)]));
    await own.close();
    const { events, once } = await memberships(database);
    printFigures(
      `sealing on 3 replicas: one batch was begun by all three ${ROUNDS} times for certain, leases lost: ${lost}, losers: ${conflicts(replicas)}; ` +
        `one killed as it sealed; ${counts.answered} answered and ${counts.unanswered} unanswered requests, ${sealedEvents} events in ${batches} batches`,
    );
    expect(counts.wrong).toEqual([]);
    const asked = events - before;
    expect(asked).toBeGreaterThanOrEqual(counts.answered);
    expect(asked).toBeLessThanOrEqual(counts.answered + counts.unanswered);
    expect({ once, sealedEvents }).toEqual({ once: events, sealedEvents: events });
    expect(findings).toEqual([]);
    expect(lost).toBeGreaterThanOrEqual(2 * ROUNDS);
  },
  timeFor(ROUNDS),
);
