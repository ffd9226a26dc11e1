import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { opensslPair } from '../support/openssl.ts';
import { PAIRS, startServer, type TestServer } from '../support/server.ts';
import { printFigures } from './support/figures.ts';

const { certificate, privateKey } = opensslPair();

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
  server.foreseeMistakes();
  await server.database.query(`
    CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'refused by the test'; END $$`);
});
afterAll(() => server.close());
beforeEach(() => refusing(undefined));

/** From now on the database refuses what is written into a table, at the end of its transaction. */
async function refusing(table: string | undefined): Promise<void> {
  await server.database.query(
    'DROP TRIGGER IF EXISTS refuse ON events; DROP TRIGGER IF EXISTS refuse ON unsealed_events; DROP TRIGGER IF EXISTS refuse ON keypairs',
  );
  if (table !== undefined) {
    await server.database.query(
      `CREATE CONSTRAINT TRIGGER refuse AFTER INSERT OR UPDATE OR DELETE ON ${table} DEFERRABLE INITIALLY DEFERRED
       FOR EACH ROW EXECUTE FUNCTION refuse()`,
    );
  }
}

async function create(name: string): Promise<string> {
  const created = await server.request('POST', PAIRS, { name, certificate_data: certificate, key_data: privateKey });
  return ((await created.json()) as { pk: string }).pk;
}

function state() {
  return server.database.query('SELECT id, name, revision FROM keypairs ORDER BY id');
}

function events() {
  return server.database.query("SELECT id FROM events WHERE action LIKE 'model\\_%' ORDER BY id");
}

const WRITES: readonly [string, (pk: string, name: string) => Promise<Response>][] = [
  [
    'create',
    (_, name) =>
      server.request('POST', PAIRS, { name: `${name} 2`, certificate_data: certificate, key_data: privateKey }),
  ],
  [
    'create without a key',
    (_, name) => server.request('POST', PAIRS, { name: `${name} 2`, certificate_data: certificate }),
  ],
  [
    'generate',
    (_, name) =>
      server.request('POST', `${PAIRS}generate/`, { common_name: `${name} 2`, validity_days: 1, alg: 'ecdsa' }),
  ],
  ['update', (pk) => server.request('PATCH', `${PAIRS}${pk}/`, { name: 'changed' })],
  ['delete', (pk) => server.request('DELETE', `${PAIRS}${pk}/`)],
];

test.each(WRITES)('a %s whose event can not be written does not happen', async (kind, write) => {
  const pk = await create(`told ${kind}`);
  const before = await state();
  for (const table of ['events', 'unsealed_events']) {
    await refusing(table);
    expect((await write(pk, `told ${kind}`)).status).toBe(500);
    expect(await state()).toEqual(before);
  }
  printFigures(`${kind} whose event was refused by the database: 2 times, nothing written`);
});

test.each(WRITES)('a %s that does not happen leaves no event', async (kind, write) => {
  const pk = await create(`done ${kind}`);
  const before = await events();
  await refusing('keypairs');
  expect((await write(pk, `done ${kind}`)).status).toBe(500);

  expect(await events()).toEqual(before);
  printFigures(`${kind} that was refused by the database: no event of it`);
});

test.each(['view_private_key/', 'view_private_key/?download', 'view_certificate/', 'view_certificate/?download'])(
  '%s gives nothing away when the event of the view can not be written',
  async (path) => {
    const pk = await create(path.replaceAll('/', ' '));
    await refusing('events');
    const answer = await server.request('GET', `${PAIRS}${pk}/${path}`);
    const text = await answer.text();

    expect(answer.status).toBe(503);
    for (const secret of [...privateKey.split('\n'), ...certificate.split('\n')].filter((line) => line.length > 20)) {
      expect(text).not.toContain(secret);
    }
    await refusing(undefined);
    expect((await server.request('GET', `${PAIRS}${pk}/${path}`)).status).toBe(200);
  },
);
