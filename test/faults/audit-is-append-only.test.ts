import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { Client } from 'pg';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { macOfEvent } from '../../src/audit/event-mac.ts';
import { auditTrail, deriveAuditKeys, eventRepository } from '../../src/audit/index.ts';
import { generateKek, parseKek } from '../../src/sealing/index.ts';
import { aNewEvent, openTrail } from '../support/audit.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { opensslPair } from '../support/openssl.ts';
import { PAIRS, startServer } from '../support/server.ts';
import { until } from '../support/until.ts';
import { printFigures } from './support/figures.ts';

let database: TestDatabase;
let role: string;
beforeEach(async () => {
  database = await createDatabase();
  role = `certkeep_server_${randomBytes(8).toString('hex')}`;
});
afterEach(async () => {
  await database.query(`DO $$ BEGIN IF EXISTS (SELECT 1 FROM pg_roles WHERE rolname = '${role}') THEN
    GRANT ${role} TO CURRENT_USER; DROP OWNED BY ${role}; DROP ROLE ${role}; END IF; END $$`);
  await database.drop();
});

const INSUFFICIENT_PRIVILEGE = '42501';

/** Runs the statements of docs/audit.md for a role of this test's own. @returns the role's URL */
async function grant(): Promise<string> {
  const page = await readFile(new URL('../../docs/audit.md', import.meta.url), 'utf8');
  const statements = /```sql\n([\s\S]*?)```/.exec(page)?.[1] ?? '';
  const password = randomBytes(16).toString('hex');
  await database.query(statements.replaceAll('certkeep_server', role).replace('change me', password));
  const url = new URL(database.url);
  url.username = role;
  url.password = password;
  return url.toString();
}

/** Writes an event of long ago, and seals it. */
async function sealOldEvent(kek: string): Promise<void> {
  const keys = deriveAuditKeys([parseKek(kek)]);
  const trail = await openTrail(keys, database);
  const repository = eventRepository(trail.database);
  const old = { ...auditTrail(repository, keys.current).prepare(aNewEvent()), createdAt: new Date('2020-01-01') };
  await repository.insert({ ...old, mac: macOfEvent(keys.current, old) });
  await trail.seal();
  await trail.close();
}

test('a server whose role owns nothing does all that it is for, and can change or delete nothing of the trail', async (context) => {
  const [may] = await database.query<{ may: boolean }>(
    'SELECT rolsuper OR rolcreaterole AS may FROM pg_roles WHERE rolname = current_user',
  );
  context.skip(may?.may !== true, 'the role of this run may not make roles');
  const kek = generateKek();
  const databaseUrl = await grant();
  await sealOldEvent(kek);
  await database.query("UPDATE leases SET expires_at = 'epoch'");
  const server = await startServer(
    { databaseUrl, migrationDatabaseUrl: database.url, kek, auditRetentionDays: 30 },
    database,
  );
  const { certificate, privateKey } = opensslPair();
  const body = { name: 'append only', certificate_data: certificate, key_data: privateKey };
  const { pk } = (await (await server.request('POST', PAIRS, body)).json()) as { pk: string };
  const statuses = [
    await server.request('GET', `${PAIRS}${pk}/view_private_key/`),
    await server.request('PATCH', `${PAIRS}${pk}/`, { name: 'changed' }),
    await server.request('PUT', `${PAIRS}${pk}/`, body),
    await server.request('POST', `${PAIRS}generate/`, { common_name: 'made', validity_days: 1, alg: 'ecdsa' }),
    await server.request('DELETE', `${PAIRS}${pk}/`),
  ].map(({ status }) => status);
  expect(statuses).toEqual([200, 200, 200, 200, 204]);
  await until(async () => (await database.query('SELECT 1 FROM unsealed_events')).length === 0);
  await until(() => server.log().some(({ msg }) => msg.includes('certkeep audit prune')));

  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  let refused = 0;
  for (const table of ['events', 'event_batches', 'event_batch_members', 'event_batch_drops']) {
    const [column] = await database.query<{ name: string }>(
      `SELECT attname AS name FROM pg_attribute WHERE attrelid = '${table}'::regclass AND attnum = 1`,
    );
    for (const statement of [
      `UPDATE ${table} SET ${column?.name} = ${column?.name}`,
      `DELETE FROM ${table}`,
      `TRUNCATE ${table} CASCADE`,
      `ALTER TABLE ${table} DISABLE TRIGGER ALL`,
      `DROP TABLE ${table} CASCADE`,
    ]) {
      await expect(client.query(statement), statement).rejects.toMatchObject({ code: INSUFFICIENT_PRIVILEGE });
      refused++;
    }
  }
  await client.end();
  await server.close();
  printFigures(`changes of the audit tables by the server's own role: ${refused}, each refused by PostgreSQL`);

  const owner = await openTrail(deriveAuditKeys([parseKek(kek)]), database);
  await owner.dropped(1);
  const { findings, batches, sealedEvents } = await owner.verify();
  await owner.close();
  expect(findings).toEqual([]);
  expect(batches).toBeGreaterThan(1);
  // One more than was done over HTTP: the first token.
  expect(sealedEvents).toBe(7);
});
