import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Database, openDatabase, openLease } from '../../src/database/index.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { until } from '../support/until.ts';

let database: TestDatabase;
let connections: Database;
beforeAll(async () => {
  database = await createDatabase();
  const log = { warn() {} };
  connections = openDatabase({ url: database.url, poolSize: 8, timeoutMs: 30_000, preparedStatements: false, log });
});
afterAll(async () => {
  await connections.close();
  await database.drop();
});

function holder(name: string, durationMs = 60_000) {
  return openLease(connections, { name, holder: randomUUID(), durationMs });
}

test('of many who ask at once one gets the lease, the first time and when it ended', async () => {
  const holders = Array.from({ length: 16 }, () => holder('contended'));
  for (const round of ['first', 'ended']) {
    const taken = await Promise.all(holders.map((each) => each.take()));
    expect(taken.filter(Boolean), round).toHaveLength(1);
    await database.query("UPDATE leases SET expires_at = clock_timestamp() WHERE name = 'contended'");
  }
});

test('who holds it renews it, and nobody else gets it until it is given back', async () => {
  const [one, other] = [holder('kept'), holder('kept')];

  expect([await one.take(), await other.take(), await one.take()]).toEqual([true, false, true]);
  await other.release();
  expect(await other.take()).toBe(false);
  await one.release();
  expect([await other.take(), await one.take()]).toEqual([true, false]);
});

test('who does not renew it loses it, by the database’s clock', async () => {
  const [one, other] = [holder('short', 50), holder('short')];

  expect(await one.take()).toBe(true);
  await until(() => other.take());
  expect(await one.take()).toBe(false);
});

test('leases of other names do not meet', async () => {
  expect([await holder('a').take(), await holder('b').take()]).toEqual([true, true]);
});

test('one whose holder died before the clock was put back a day is to be had at once', async () => {
  const [one, other] = [holder('put back'), holder('put back')];

  expect(await one.take()).toBe(true);
  await database.query("UPDATE leases SET expires_at = expires_at + interval '1 day' WHERE name = 'put back'");
  expect([await other.take(), await one.take()]).toEqual([true, false]);
});
