import { Client } from 'pg';
import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest';
import { type Database, openDatabase, StoreUnavailable, withStoreErrors } from '../../src/database/index.ts';
import { openPipeline } from '../../src/database/pipeline.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { until } from '../support/until.ts';

/** For what is to take too long; a machine that stands still for as long shall fail nothing else. */
const BRIEF_MS = 500;
const PATIENT_MS = 30_000;
const BACKENDS = 'SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND application_name = $1';

let database: TestDatabase;
let connections: Database;
let warnings: string[];
beforeEach(async () => {
  warnings = [];
  database = await createDatabase();
  connections = open();
});
afterEach(async () => {
  await connections.close();
  await database.drop();
});

function open({ preparedStatements = true, timeoutMs = PATIENT_MS } = {}): Database {
  const log = { warn: (_fields: object, message: string) => warnings.push(message) };
  return openDatabase({ url: database.url, poolSize: 2, timeoutMs, preparedStatements, log });
}

const lookUp = async (text: string, value: unknown, on = connections) =>
  (await on.lookUp<{ found: unknown }>(`SELECT ${text} AS found`, [value]))[0]?.found;
const double = (n: number, on = connections) => lookUp('$1::int * 2', n, on);

/** Connections that wait for an answer only briefly; they are closed after the test. */
function openBrief(): Database {
  const brief = open({ timeoutMs: BRIEF_MS });
  onTestFinished(() => brief.close());
  return brief;
}

test('look-ups that come together share one connection, and each gets its own answer', async () => {
  const answers = await Promise.all(Array.from({ length: 100 }, (_, n) => double(n)));
  expect(answers).toEqual(Array.from({ length: 100 }, (_, n) => 2 * n));

  const pids = await Promise.all(Array.from({ length: 20 }, (_, n) => lookUp('pg_backend_pid() + 0 * $1::int', n)));
  expect(new Set(pids).size).toBe(1);
});

test('a look-up that fails fails alone, and is sound again once its cause is gone', async () => {
  const divided = (by: number) => lookUp('10 / $1::int', by);
  await divided(1);

  const together = await Promise.allSettled([divided(5), divided(0), double(4)]);
  expect(together.map((each) => (each.status === 'fulfilled' ? each.value : 'failed'))).toEqual([2, 'failed', 8]);

  const inTable = () => connections.lookUp('SELECT n FROM later WHERE n = $1', [1]);
  await expect(inTable()).rejects.toThrow('does not exist');
  await database.query('CREATE TABLE later AS SELECT 1 AS n');
  expect(await inTable()).toEqual([{ n: 1 }]);
  await database.query('ALTER TABLE later ALTER n TYPE text');
  await inTable().catch(() => {});
  expect(await connections.lookUp('SELECT n FROM later WHERE n = $1', ['1'])).toEqual([{ n: '1' }]);
});

test('after its connection broke, the next look-up has another one', async () => {
  const pid = await lookUp('pg_backend_pid() + 0 * $1::int', 0);
  await database.query('SELECT pg_terminate_backend($1)', [pid]);
  await until(async () => warnings.length > 0);

  expect(await lookUp('pg_backend_pid() + 0 * $1::int', 0)).not.toBe(pid);
});

test('a look-up in flight when its connection breaks is told so', async () => {
  const asleep = lookUp('pg_sleep($1)::text', 600);
  const behind = double(1);
  const ended = Promise.allSettled([asleep, behind]);
  const end = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND query LIKE 'SELECT pg\\_sleep%' AND state = 'active'`;
  await until(async () => (await database.query(end)).length > 0);

  expect((await ended).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect(await double(3)).toBe(6);
});

test('a look-up that takes too long is bounded, and so are those behind it', async () => {
  const brief = openBrief();
  // Far longer than a test may take.
  const ended = await Promise.allSettled([lookUp('pg_sleep($1)::text', 600, brief), double(1, brief)]);

  expect(ended[0]?.status).toBe('rejected');
  await until(async () => (await double(3, brief).catch(() => undefined)) === 6);
});

test('where the first of a kind waits in vain for a lock, it and those behind it are told that the database is away', async () => {
  await database.query('CREATE TABLE locked AS SELECT 1 AS n');
  const brief = openBrief();
  const { inLocked } = withStoreErrors({
    inLocked: () => brief.lookUp('SELECT n FROM locked WHERE n = $1', [1]),
  });
  const holder = new Client({ connectionString: database.url });
  await holder.connect();
  await holder.query('BEGIN; LOCK TABLE locked IN ACCESS EXCLUSIVE MODE');
  const ended = await Promise.allSettled(Array.from({ length: 10 }, inLocked));
  await holder.end();

  expect(ended.map((each) => each.status === 'rejected' && each.reason instanceof StoreUnavailable)).toEqual(
    ended.map(() => true),
  );
  await until(async () => (await inLocked().catch(() => [])).length === 1);
});

test('a connection that nobody uses is not kept, and the next look-up has another one', async () => {
  const brief = openPipeline({
    connection: { connectionString: database.url, application_name: 'brief' },
    begin: async () => {},
    idleMs: 50,
    log: { warn: () => {} },
  });
  try {
    for (let round = 0; round < 3; round++) {
      expect(await brief.query('SELECT $1::int AS n', [round])).toEqual([{ n: round }]);
      await until(async () => (await database.query(BACKENDS, ['brief'])).length === 0);
    }
  } finally {
    await brief.close();
  }
});

test('many failures at once leave one connection, and no warning of Node', async () => {
  const told: string[] = [];
  const tell = ({ message }: Error) => told.push(message);
  process.on('warning', tell);
  for (let round = 0; round < 20; round++) {
    await Promise.allSettled(Array.from({ length: 10 }, () => lookUp('10 / $1::int', 0)));
  }
  expect(await double(1)).toBe(2);

  // It is not kept for ever either.
  await until(async () => (await database.query(BACKENDS, ['certkeep'])).length <= 1);
  process.off('warning', tell);
  expect(told).toEqual([]);
});

test('behind a pooler, look-ups go the way of all other statements', async () => {
  const pooled = open({ preparedStatements: false });
  try {
    expect(await pooled.lookUp('SELECT $1::int AS n', [1])).toEqual([{ n: 1 }]);
    const prepared = await pooled.query('SELECT name FROM pg_prepared_statements', []);
    expect(prepared).toEqual([]);
  } finally {
    await pooled.close();
  }
});

test('closing ends the connection, also while a look-up is on its way', async () => {
  const closing = open();
  const last = closing.lookUp('SELECT $1::int AS n', [1]);
  await last;
  const late = closing.lookUp('SELECT pg_sleep($1), 2 AS n', [0.2]).catch((error: unknown) => error);
  await closing.close();
  await late;
  // Sooner than one that nobody uses is closed by itself.
  await until(async () => (await database.query(BACKENDS, ['certkeep'])).length === 0, 8000);
});
