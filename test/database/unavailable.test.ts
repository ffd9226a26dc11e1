import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Database, openDatabase, StoreUnavailable } from '../../src/database/index.ts';
import { type KeypairId, keypairRepository } from '../../src/keypairs/index.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { until } from '../support/until.ts';

const PLACEMENT = { realm: 'authentik', scope: '' } as const;
const ID = '3f8f6f43-6d1c-4c39-8a43-0d5a4cf5e6a1' as KeypairId;
const log = { warn() {} };

let database: TestDatabase;
let connections: Database;
beforeAll(async () => {
  database = await createDatabase();
  connections = openDatabase({ url: database.url, poolSize: 2, timeoutMs: 500, preparedStatements: true, log });
});
afterAll(async () => {
  await connections.close();
  await database.drop();
});

test('every read and write of a database that is away says so, by Prisma and by SQL', async () => {
  const url = new URL(database.url);
  url.searchParams.delete('host');
  url.host = '127.0.0.1:1';
  const away = openDatabase({ url: url.toString(), poolSize: 1, timeoutMs: 500, preparedStatements: true, log });
  const repository = keypairRepository(away);
  try {
    for (const call of [
      () => repository.find(PLACEMENT, ID, {}),
      () => repository.list(PLACEMENT, {}, [], { limit: 1, offset: 0 }),
      () => repository.isNameTaken(PLACEMENT, 'x', undefined),
      () => repository.readText(PLACEMENT, ID, 'private_key'),
      () => repository.remove(PLACEMENT, ID),
      () => repository.update(PLACEMENT, ID, () => ({ revision: 2, updatedBy: ID })),
    ]) {
      await expect(call()).rejects.toBeInstanceOf(StoreUnavailable);
    }
  } finally {
    await away.close();
  }
});

test('a statement that takes too long is ended in PostgreSQL too', async () => {
  await expect(connections.query('SELECT pg_sleep(30)', [])).rejects.toThrow();

  await until(async () => {
    const left = await database.query(
      "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND state = 'active' AND query LIKE 'SELECT pg_sleep(30)%'",
    );
    return left.length === 0;
  }, 5000);
});

test('statements are prepared up to a bound, whatever clients put together', async () => {
  for (let index = 0; index < 150; index++) {
    await connections.query(`SELECT ${index} AS n`, []);
  }

  const prepared = await connections.query<{ n: string }>('SELECT count(*) AS n FROM pg_prepared_statements', []);
  expect(Number(prepared[0]?.n)).toBeGreaterThan(0);
  expect(Number(prepared[0]?.n)).toBeLessThanOrEqual(100);
});
