import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { TestServer } from '../../support/server.ts';
import { type SlowBodies, startForSlowBodies } from '../../support/slow-bodies.ts';
import { until } from '../../support/until.ts';
import { CURRENT, type Seeded, seed, tsgOf } from './support/seed.ts';

let bodies: SlowBodies;
let server: TestServer;
let pair: Seeded;
let another: Seeded;
beforeAll(async () => {
  bodies = await startForSlowBodies();
  ({ server } = bodies);
  pair = await seed(server, { tsg: tsgOf('41') });
  another = await seed(server, { tsg: tsgOf('41') });
});
afterAll(() => server.close());

/** Keeps the sealed keys from being read, for as long as `during` takes, and a moment longer. */
async function whileKeysAreLocked(during: () => Promise<unknown>): Promise<void> {
  const name = randomUUID();
  const held = server.database.query(
    `DO $$ BEGIN LOCK TABLE sealed_secrets IN ACCESS EXCLUSIVE MODE;
       WHILE NOT EXISTS (SELECT FROM tokens WHERE description = '${name}') LOOP PERFORM pg_sleep(0.02); END LOOP; END $$`,
  );
  await until(async () => {
    const locks = "SELECT 1 FROM pg_locks WHERE relation = 'sealed_secrets'::regclass AND mode = 'AccessExclusiveLock'";
    return (await server.database.query(`${locks} AND granted`)).length > 0;
  });
  try {
    await during();
  } finally {
    await server.database.query(`UPDATE tokens SET description = '${name}' WHERE identifier = 'bootstrap'`);
    await held;
  }
}

const waits = async () =>
  (await server.database.query("SELECT 1 FROM pg_locks WHERE relation = 'sealed_secrets'::regclass AND NOT granted"))
    .length > 0;

const VIEW = 'view_certificatekeypair_certificate';
const KEY = 'view_certificatekeypair_key';

test.each([
  ['its right to the key', [VIEW, KEY], `permissions = '{${VIEW}}'`, 403],
  ['its tenant', [VIEW, KEY], "reach = '{strata:42}'", 404],
  ['its right to this certificate, though not to another', ['this', 'another', KEY], '', 404],
])('a token that loses %s while the file is made gets no key', async (_what, wanted, change, status) => {
  const ids: Readonly<Record<string, string>> = { this: `${VIEW}@${pair.id}`, another: `${VIEW}@${another.id}` };
  const username = randomUUID();
  const token = await server.tokenWith(
    wanted.map((grant) => ids[grant] ?? grant),
    { username, reach: ['strata:41'] },
  );
  const own = `(SELECT t.id FROM tokens t JOIN principals p ON p.id = t.principal_id WHERE p.username = '${username}')`;
  let answer: Promise<Response> | undefined;
  await whileKeysAreLocked(async () => {
    const body = { format: 'pkcs12', passphrase: 'of a test' };
    const headers = { authorization: `Bearer ${token}` };
    answer = server.request('POST', `${CURRENT}/certificates/${pair.id}:export`, body, headers);
    await until(waits);
    await server.database.query(
      change === ''
        ? `DELETE FROM object_grants WHERE token_id = ${own} AND keypair_id = '${pair.id}'`
        : `UPDATE tokens SET ${change} WHERE id = ${own}`,
    );
  });
  expect((await answer)?.status).toBe(status);
});

test('a token that loses its right to a certificate while its request is sent does not get it', async () => {
  const grants = [`${VIEW}@${pair.id}`, `${VIEW}@${another.id}`];
  const token = await server.tokenWith(grants, { reach: ['strata:41'] });
  const path = `${CURRENT}/certificates/${pair.id}:export`;
  const { status } = await bodies.slowly(token, 'POST', path, { format: 'pem' }, () =>
    server.database.query(`DELETE FROM object_grants WHERE keypair_id = '${pair.id}'`),
  );
  expect(status).toBe(404);
});
