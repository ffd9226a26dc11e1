import { afterAll, beforeAll, expect, test } from 'vitest';
import { opensslPair } from '../support/openssl.ts';
import { PAIRS, startServer, type TestServer } from '../support/server.ts';
import { until } from '../support/until.ts';
import { printFigures } from './support/figures.ts';

const { certificate, privateKey } = opensslPair();

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
  server.foreseeMistakes();
  // A sequence counts what is rolled back too.
  await server.database.query('CREATE SEQUENCE refusals');
  // The database refuses the second of the two rows that a pair with a key consists of.
  await server.database.query(`
    CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF current_setting('certkeep.refuse', true) = 'on' THEN
        PERFORM nextval('refusals');
        RAISE EXCEPTION 'refused by the test';
      END IF;
      RETURN NEW;
    END $$`);
  await server.database.query(
    'CREATE TRIGGER refuse BEFORE INSERT OR UPDATE ON sealed_secrets FOR EACH ROW EXECUTE FUNCTION refuse()',
  );
});
afterAll(() => server.close());

/** New connections get the setting, so those that are open are ended; until the server has noticed, it answers 503. */
async function refusing(state: 'on' | 'off'): Promise<void> {
  const name = new URL(server.database.url).pathname.slice(1);
  await server.database.query(`ALTER DATABASE ${name} SET certkeep.refuse = '${state}'`);
  await server.database.query(
    'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()',
  );
  await until(async () => {
    const answers = await Promise.all(Array.from({ length: 8 }, () => server.request('GET', PAIRS)));
    return answers.every(({ status }) => status === 200);
  });
}

/** How often the database refused a key since it was asked last. */
async function takeRefusals(): Promise<number> {
  const [row] = await server.database.query<{ refusals: number }>(
    "SELECT nextval('refusals')::int - 1 AS refusals, setval('refusals', 1, false)",
  );
  return row?.refusals ?? 0;
}

test('a pair whose key can not be stored is not stored at all, and its name stays free', async () => {
  await refusing('on');
  const body = { name: 'whole', certificate_data: certificate, key_data: privateKey };

  expect((await server.request('POST', PAIRS, body)).status).toBe(500);
  const refusals = await takeRefusals();
  printFigures(
    `key refused by the database after its pair was written: ${refusals} times, of a new pair; nothing stored`,
  );
  expect(refusals).toBeGreaterThan(0);
  expect(await server.database.query('SELECT 1 FROM keypairs')).toEqual([]);

  await refusing('off');
  expect((await server.request('POST', PAIRS, body)).status).toBe(201);
});

test('a change whose key can not be stored leaves the pair as it was', async () => {
  await refusing('off');
  const created = await server.request('POST', PAIRS, {
    name: 'kept',
    certificate_data: certificate,
    key_data: privateKey,
  });
  const { pk } = (await created.json()) as { pk: string };
  const other = opensslPair('renewed.example');

  await refusing('on');
  const change = { name: 'changed', certificate_data: other.certificate, key_data: other.privateKey };
  expect((await server.request('PUT', `${PAIRS}${pk}/`, change)).status).toBe(500);
  const refusals = await takeRefusals();
  printFigures(
    `key refused by the database after its pair was written: ${refusals} times, of a change; nothing changed`,
  );
  expect(refusals).toBeGreaterThan(0);

  expect(await (await server.request('GET', `${PAIRS}${pk}/`)).json()).toMatchObject({
    name: 'kept',
    cert_subject: 'CN=openssl.example',
  });
  expect(await (await server.request('GET', `${PAIRS}${pk}/view_certificate/?download`)).text()).toBe(
    certificate.trim(),
  );
  expect(await (await server.request('GET', `${PAIRS}${pk}/view_private_key/?download`)).text()).toBe(
    privateKey.trim(),
  );
});
