import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventQueries } from '../../src/audit/index.ts';
import { type Database, openDatabase } from '../../src/database/index.ts';
import { plant } from '../dialects/authentik/events/support.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';

let stored: TestDatabase;
let database: Database;
let id: string;
beforeAll(async () => {
  stored = await createDatabase();
  const log = { warn() {} };
  database = openDatabase({ url: stored.url, poolSize: 1, timeoutMs: 30_000, preparedStatements: true, log });
  id = await plant(stored, { created_at: '2028-02-01T00:00:00.000Z' });
});
afterAll(async () => {
  await database.close();
  await stored.drop();
});

const atOnce = { run: <T>(work: () => Promise<T>) => work() };
const staying = () => new AbortController().signal;
const page = { limit: 20, offset: 0 };

describe('an event expires', () => {
  test.each([
    [0, null],
    // A leap year's February.
    [30, new Date('2028-03-02T00:00:00.000Z')],
    [365, new Date('2029-01-31T00:00:00.000Z')],
  ])('where events are kept for %i days', async (retentionDays, expiresAt) => {
    const events = eventQueries(database, { turns: atOnce, retentionDays });

    expect((await events.find(id, {}))?.expiresAt).toEqual(expiresAt);
    expect((await events.list({}, [], page, staying)).events[0]?.expiresAt).toEqual(expiresAt);
  });
});

test('every list waits for its turn, until its caller leaves; one event is read at once', async () => {
  const waiting: AbortSignal[] = [];
  const never = {
    run<T>(_work: () => Promise<T>, signal: AbortSignal): Promise<T> {
      waiting.push(signal);
      return Promise.reject(new Error('no turn'));
    },
  };
  const events = eventQueries(database, { turns: never, retentionDays: 0 });
  const { signal } = new AbortController();

  await expect(events.list({}, [], page, () => signal)).rejects.toThrow('no turn');
  expect(waiting).toEqual([signal]);
  expect(await events.find(id, {})).toMatchObject({ id });
});
