import { afterAll, beforeAll, expect, test } from 'vitest';
import { findEventStatement, listEventsStatement } from '../../src/audit/event-repository-statements.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';

const PK = 'a0b1c2d3e4f54a5b8c7d6e5f4a3b2c1d';

let database: TestDatabase;
beforeAll(async () => {
  database = await createDatabase();
  await database.query(`
    INSERT INTO events (id, created_at, action, app, username, model_pk, context, mac_key_id, mac)
    SELECT gen_random_uuid(), timestamptz '2026-01-01' + n * interval '1 second', 'secret_view', 'authentik.crypto.api',
      'user ' || n % 1000, CASE WHEN n % 1000 = 0 THEN '${PK}' ELSE md5(n::text) END, '{"type":"private_key"}', '00', decode(repeat('00', 32), 'hex')
    FROM generate_series(1, 20000) n`);
  await database.query('VACUUM ANALYZE events');
  await database.query(`
    CREATE FUNCTION plan(statement text, literals text) RETURNS SETOF text LANGUAGE plpgsql
    SET plan_cache_mode = force_generic_plan AS $$ BEGIN
      EXECUTE 'PREPARE planned AS ' || statement;
      RETURN QUERY EXECUTE 'EXPLAIN EXECUTE planned(' || literals || ')';
    END $$`);
});
afterAll(() => database.drop());

const newest = [{ field: 'createdAt', descending: true }] as const;
const page = { limit: 20, offset: 0 };

/** The plan that serves all values, since the server has each statement planned once. */
async function planOf({ text, values }: { readonly text: string; readonly values: readonly unknown[] }) {
  const literals = values.map((value) => (typeof value === 'number' ? value : `'${value}'`)).join(', ');
  const lines = await database.query<{ plan: string }>('SELECT plan($1, $2)', [text, literals]);
  return lines.map(({ plan }) => plan).join('\n');
}

test.each([
  ['the newest', {}, 'events_created_at_id_idx'],
  ['those of a pair', { modelPk: PK }, 'events_model_pk_created_at_idx'],
  ['those of a user', { username: 'user 1' }, 'events_username_created_at_idx'],
])('%s are read by an index', async (_which, filter, index) => {
  expect(await planOf(listEventsStatement(filter, newest, page))).toContain(`Index Scan using ${index}`);
});

test('one event is read by its key', async () => {
  const plan = await planOf(findEventStatement('00000000-0000-4000-8000-00000000dead', {}));

  expect(plan).toContain('events_pkey');
  expect(plan).not.toContain('Seq Scan on events');
});
