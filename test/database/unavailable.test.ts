import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { inspect } from 'node:util';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import {
  type Database,
  openDatabase,
  StoreUnavailable,
  violatedConstraint,
  withStoreErrors,
} from '../../src/database/index.ts';
import { type KeypairId, keypairRepository } from '../../src/keypairs/index.ts';
import { anEvent } from '../support/audit.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { until } from '../support/until.ts';

const PLACEMENT = { realm: 'authentik', scope: '' } as const;
const ID = '3f8f6f43-6d1c-4c39-8a43-0d5a4cf5e6a1' as KeypairId;
const log = { warn() {} };

let database: TestDatabase;
let connections: Database;
beforeAll(async () => {
  database = await createDatabase();
  connections = openDatabase({ url: database.url, poolSize: 1, timeoutMs: 30_000, preparedStatements: true, log });
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
      () => repository.readTexts(PLACEMENT, ID),
      () => repository.listCertificates(PLACEMENT, {}, [], { limit: 1, offset: 0 }),
      () => repository.findCertificate(PLACEMENT, ID),
      () => repository.locate('strata', [ID]),
      () => repository.remove(PLACEMENT, ID, anEvent),
      () => repository.update(PLACEMENT, ID, () => ({ changes: { revision: 2, updatedBy: ID }, event: anEvent() })),
    ]) {
      await expect(call()).rejects.toBeInstanceOf(StoreUnavailable);
    }
  } finally {
    await away.close();
  }
});

test('a statement that takes too long is ended in PostgreSQL too', async () => {
  const brief = openDatabase({ url: database.url, poolSize: 1, timeoutMs: 500, preparedStatements: true, log });
  onTestFinished(() => brief.close());
  await expect(brief.query('SELECT pg_sleep(600)', [])).rejects.toThrow();

  await until(async () => {
    const left = await database.query(
      "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND state = 'active' AND query LIKE 'SELECT pg_sleep(600)%'",
    );
    return left.length === 0;
  });
});

test('of the statements that clients put together a hundred are prepared, and every other one beside them', async () => {
  for (let index = 0; index < 150; index++) {
    await connections.query(`SELECT ${index} AS n`, [], { prepare: 'while-few' });
  }
  await connections.query('SELECT 1 AS other', []);
  await connections.query('SELECT 1 AS never', [], { prepare: 'never' });

  const prepared = await connections.query<{ text: string }>(
    'SELECT statement AS text FROM pg_prepared_statements',
    [],
  );
  const texts = prepared.map(({ text }) => text);
  expect(texts.filter((text) => / AS n$/.test(text))).toHaveLength(100);
  expect(texts).toContain('SELECT 1 AS other');
  expect(texts).not.toContain('SELECT 1 AS never');
});

test('a database that takes connections and says nothing is away, for every statement and every time', async () => {
  const mute = createServer();
  await once(mute.listen(0, '127.0.0.1'), 'listening');
  const { port } = mute.address() as AddressInfo;
  const url = `postgresql://nobody@127.0.0.1:${port}/nothing`;
  const away = openDatabase({ url, poolSize: 1, timeoutMs: 100, preparedStatements: true, log });
  const repository = keypairRepository(away);
  try {
    for (const call of [
      () => repository.find(PLACEMENT, ID, {}),
      () => repository.find(PLACEMENT, ID, {}),
      () => repository.list(PLACEMENT, {}, [], { limit: 1, offset: 0 }),
      () => repository.remove(PLACEMENT, ID, anEvent),
      () => repository.find(PLACEMENT, ID, {}),
    ]) {
      await expect(call()).rejects.toBeInstanceOf(StoreUnavailable);
    }
  } finally {
    await away.close();
    mute.close();
  }
});

test('a refused row stands in no error', async () => {
  await database.query('CREATE TABLE refusing (secret text CHECK (false))');
  const { insert } = withStoreErrors({
    insert: () => connections.query('INSERT INTO refusing VALUES ($1)', ['do not tell']),
  });
  const error = await insert().catch((refusal: unknown) => refusal);
  expect(violatedConstraint(error)).toBe('refusing_check');
  expect(inspect(error, { depth: 9, showHidden: true })).not.toContain('do not tell');
});
