import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { OPERATOR } from '../../src/audit/index.ts';
import { opensslPair, PAIR_DAYS } from '../support/openssl.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { printFigures } from './support/figures.ts';

const TYPE = { type: 'application/astra-certificate', version: '1.1' };
const cert = Buffer.from(opensslPair('Lab Root CA').certificate).toString('base64');
const other = Buffer.from(opensslPair('Other Root CA').certificate).toString('base64');
const TABLES = ['events', 'unsealed_events', 'keypairs', 'trust_entries'];

let server: TestServer;
let clockAheadMs = 0;
let collection: string;
beforeAll(async () => {
  server = await startServer({}, undefined, undefined, () => new Date(Date.now() + clockAheadMs));
  server.foreseeMistakes();
  const { id } = await server.accounts.create(OPERATOR, { name: 'lab' });
  collection = `/accounts/${id}/core/v1/certificates`;
  await server.database.query(`
    CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'refused by the test'; END $$`);
});
afterAll(() => server.close());
beforeEach(() => refusing(undefined));

/** From now on the database refuses what is written into a table, at the end of its transaction. */
async function refusing(table: string | undefined): Promise<void> {
  await server.database.query(TABLES.map((each) => `DROP TRIGGER IF EXISTS refuse ON ${each}`).join(';'));
  if (table !== undefined) {
    await server.database.query(
      `CREATE CONSTRAINT TRIGGER refuse AFTER INSERT OR UPDATE OR DELETE ON ${table} DEFERRABLE INITIALLY DEFERRED
       FOR EACH ROW EXECUTE FUNCTION refuse()`,
    );
  }
}

async function add(): Promise<string> {
  const added = await server.request('POST', collection, { ...TYPE, cert });
  return ((await added.json()) as { id: string }).id;
}

async function everything() {
  return {
    keypairs: await server.database.query('SELECT id, name, revision, certificate_data FROM keypairs ORDER BY id'),
    entries: await server.database.query('SELECT * FROM trust_entries ORDER BY keypair_id'),
    events: await server.database.query("SELECT id FROM events WHERE action LIKE 'model\\_%' ORDER BY id"),
  };
}

const toldOf = async (id: string) =>
  (
    await server.database.query<{ context: string }>(
      "SELECT context FROM events WHERE app = 'certkeep.trust' AND model_pk = $1",
      [id.replaceAll('-', '')],
    )
  ).map(({ context }) => (JSON.parse(context) as { trust_state: object }).trust_state);

test.each<[string, (path: string) => Promise<Response>]>([
  ['addition', () => server.request('POST', collection, { ...TYPE, cert })],
  ['withdrawal', (path) => server.request('PUT', path, { ...TYPE, trustStateDesired: 'untrusted' })],
  ['renewal', (path) => server.request('PUT', path, { ...TYPE, cert: other, trustStateDesired: 'untrusted' })],
  ['deletion', (path) => server.request('DELETE', path)],
])('of an %s, certificate, trust and events are written all together or not at all', async (kind, write) => {
  const path = `${collection}/${await add()}`;
  const before = await everything();
  for (const table of TABLES) {
    await refusing(table);
    const { status } = await write(path);
    await refusing(undefined);
    expect({ table, status, ...(await everything()) }).toEqual({ table, status: 500, ...before });
  }
  expect((await write(path)).ok).toBe(true);
  printFigures(`${kind} refused by the database: ${TABLES.length} times, nothing written`);
});

test('that trust ended is shown though its event can not be written, and told of as soon as it can', async () => {
  const id = await add();
  const shown = async () => {
    const answer = await server.request('GET', `${collection}/${id}`);
    return ((await answer.json()) as { trustState: string }).trustState;
  };
  clockAheadMs = (PAIR_DAYS + 1) * 24 * 60 * 60 * 1000;
  await refusing('events');
  expect(await shown()).toBe('expired');
  expect(await toldOf(id)).toEqual([]);

  await refusing(undefined);
  expect(await shown()).toBe('expired');
  expect(await shown()).toBe('expired');
  expect(await toldOf(id)).toEqual([{ from: 'trusted', to: 'expired' }]);
  clockAheadMs = 0;
});
