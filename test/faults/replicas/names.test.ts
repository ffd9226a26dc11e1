import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createDatabase, type TestDatabase } from '../../support/database.ts';
import { whileLocked } from '../../support/held-lock.ts';
import { opensslPair } from '../../support/openssl.ts';
import { present } from '../../support/present.ts';
import { cluster, type Replica, startReplicas, stopReplicas } from '../../support/replicas.ts';
import { type Answer, send } from '../support/client.ts';
import { printFigures } from '../support/figures.ts';

const RACERS = 12;
const FREE_ROUNDS = 3;
/** Whoever only reads goes on: each racer finds the name free, and waits where it would write. */
const LOCK = { table: 'keypairs' };
const TAKEN = { name: ['Certificate-Key Pair with this name already exists.'] };
const TAKEN_GENERATION = { common_name: ['This field must be unique.'] };

const { certificate, privateKey } = opensslPair();
const bodyOf = (name: string) => ({ name, certificate_data: certificate, key_data: privateKey });

let database: TestDatabase;
let replicas: Replica[];
/** A pair of each racer's own. */
let pks: string[];

beforeAll(async () => {
  database = await createDatabase();
  // However slowly keys are made: nobody is sent away because too many wait.
  replicas = await startReplicas(cluster(database, { CERTKEEP_KEY_QUEUE_LENGTH: '1000' }), 3);
  pks = await Promise.all(
    Array.from({ length: RACERS }, async (_, racer) => {
      const { text } = await send(present(replicas[racer % 3]), 'POST', '', bodyOf(`racer ${racer}`));
      return (JSON.parse(text) as { pk: string }).pk;
    }),
  );
}, 120_000);
afterAll(async () => {
  await stopReplicas(replicas);
  await database.drop();
});

type Race = (replica: Replica, racer: number, name: string) => Promise<Answer>;

const create: Race = (replica, _racer, name) => send(replica, 'POST', '', bodyOf(name));
const generate: Race = (replica, _racer, name) =>
  send(replica, 'POST', 'generate/', { common_name: name, validity_days: 1, alg: 'ecdsa' });
const rename: Race = (replica, racer, name) => send(replica, 'PATCH', `${pks[racer]}/`, { name });
const put: Race = (replica, racer, name) => send(replica, 'PUT', `${pks[racer]}/`, bodyOf(name));

const rowsOf = (name: string) => database.query<{ id: string }>('SELECT id FROM keypairs WHERE name = $1', [name]);

/** The same name wanted by every racer at once, by turns on each of the replicas. */
async function race(send: Race, among: readonly Replica[], name: string) {
  const answers = await Promise.all(
    Array.from({ length: RACERS }, (_, racer) => send(present(among[racer % among.length]), racer, name)),
  );
  return {
    won: answers.filter(({ status }) => status < 300),
    lost: answers.filter(({ status }) => status >= 300).map(({ status, text }) => [status, JSON.parse(text)]),
  };
}

test.for([
  ['create', create, 201, TAKEN],
  ['generate', generate, 200, TAKEN_GENERATION],
  ['rename', rename, 200, TAKEN],
  ['PUT', put, 200, TAKEN],
] as const)('of many that want one name at once on two and three replicas exactly one gets it: %s', async (row) => {
  const [kind, write, status, refusal] = row;
  const seen = { waited: 0, certain: 0, free: 0, losers: 0 };
  for (const count of [2, 3]) {
    const among = replicas.slice(0, count);
    for (let round = 0; round <= FREE_ROUNDS; round++) {
      const name = `raced ${randomUUID()}`;
      const { won, lost } =
        round > 0
          ? await race(write, among, name)
          : await whileLocked(database, LOCK, async ({ untilWaiting, waiting }) => {
              const racing = race(write, among, name);
              await untilWaiting({ processes: count, connections: count });
              seen.waited += [...(await waiting()).values()].reduce((sum, each) => sum + each, 0);
              return () => racing;
            }).then((racing) => racing());
      seen[round > 0 ? 'free' : 'certain']++;
      seen.losers += lost.length;
      expect(won.map((answer) => answer.status)).toEqual([status]);
      expect(lost).toEqual(Array.from({ length: RACERS - 1 }, () => [400, refusal]));
      expect(await rowsOf(name)).toHaveLength(1);
    }
  }
  printFigures(
    `names, ${kind} on 2 and 3 replicas: ${seen.certain} races were certain (${seen.waited} found the name free and waited to write it), ` +
      `${seen.free} as they came; losers: ${seen.losers}`,
  );
  expect(seen.waited).toBeGreaterThan(seen.certain);
});

test('of a replica that is killed as it writes a name either all is there or nothing, and every name that was promised is there once', async () => {
  const acknowledged = new Map<string, string>();
  const wanted: string[] = [];
  let unanswered = 0;
  let losers = 0;
  let wasWriting = 0;
  const racers = (among: readonly Replica[], name: string) =>
    among.flatMap((replica) =>
      [create, generate, create].map(async (write) => {
        const answer = await write(replica, 0, name).catch(() => undefined);
        unanswered += answer === undefined ? 1 : 0;
        if (answer === undefined || answer.status === 400) {
          losers += answer === undefined ? 0 : 1;
          return;
        }
        expect(answer.status).toBeLessThan(300);
        expect(acknowledged.get(name)).toBeUndefined();
        acknowledged.set(name, (JSON.parse(answer.text) as { pk: string }).pk);
      }),
    );
  const newName = () => {
    wanted.push(`kept ${wanted.length}`);
    return present(wanted.at(-1));
  };
  for (let round = 0; round < 10; round++) {
    await Promise.all(racers(replicas, newName()));
  }
  const victim = present(replicas[2]);
  const load = Array.from({ length: 20 }, newName).map((name) => racers([present(replicas[0]), victim], name));
  const finish = await whileLocked(database, LOCK, async ({ untilWaiting, waiting }) => {
    const racing = [...racers(replicas, newName()), ...load.flat()];
    await untilWaiting({ processes: 3 });
    wasWriting = (await waiting()).get(victim.name) ?? 0;
    await victim.kill();
    return () => Promise.all(racing);
  });
  await finish();
  for (let round = 0; round < 10; round++) {
    await Promise.all(racers(replicas.slice(0, 2), newName()));
  }

  const rows = await database.query<{ name: string; id: string; events: number }>(
    `SELECT name, id, (SELECT count(*)::int FROM events WHERE action = 'model_created' AND model_pk = replace(k.id::text, '-', '')) AS events
     FROM keypairs k WHERE name = ANY ($1)`,
    [wanted],
  );
  printFigures(
    `names, a replica killed as ${wasWriting} of its connections wrote: ${wanted.length} names wanted, ${acknowledged.size} acknowledged, ` +
      `${rows.length} there, ${unanswered} requests unanswered; losers: ${losers}`,
  );
  expect(wasWriting).toBeGreaterThan(0);
  expect(unanswered).toBeGreaterThan(0);
  expect(losers).toBeGreaterThan(wanted.length);
  expect(new Set(rows.map(({ name }) => name)).size).toBe(rows.length);
  expect(rows.filter(({ events }) => events !== 1)).toEqual([]);
  const there = new Map(rows.map(({ name, id }) => [name, id]));
  for (const [name, pk] of acknowledged) {
    expect([name, there.get(name)]).toEqual([name, pk]);
  }
});
