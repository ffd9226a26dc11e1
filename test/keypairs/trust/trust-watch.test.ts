import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import { openDatabase, openLease } from '../../../src/database/index.ts';
import { TRUST_WATCH_LEASE, watchTrust } from '../../../src/keypairs/index.ts';
import { TOLD_AT_ONCE } from '../../../src/keypairs/trust/trust-store.ts';
import { createDatabase, type TestDatabase } from '../../support/database.ts';
import { until } from '../../support/until.ts';

const log = { warn: vi.fn() };

let testDatabase: TestDatabase;
let database: ReturnType<typeof openDatabase>;
beforeAll(async () => {
  testDatabase = await createDatabase();
  database = openDatabase({ url: testDatabase.url, poolSize: 3, timeoutMs: 30_000, preparedStatements: true, log });
});
afterAll(async () => {
  await database.close();
  await testDatabase.drop();
});

function startWatch(tellUntold: () => Promise<number>, lease = aLease()) {
  const watch = watchTrust({ trust: { tellUntold }, lease, log, intervalMs: 5 });
  onTestFinished(() => watch.close());
  return watch;
}

const aLease = () => openLease(database, { ...TRUST_WATCH_LEASE, holder: randomUUID() });

test('a watch goes on in one turn until nothing is left to tell', async () => {
  const left = [TOLD_AT_ONCE, TOLD_AT_ONCE, 3];
  startWatch(async () => left.shift() ?? 0);

  await until(() => left.length === 0);
});

test('of two watches one looks, and the other goes on when that one ends', async () => {
  const turns = { first: 0, second: 0 };
  const first = startWatch(async () => {
    turns.first++;
    return 0;
  });
  await until(() => turns.first > 0);
  startWatch(async () => {
    turns.second++;
    return 0;
  });
  await until(() => turns.first > 10);
  expect(turns.second).toBe(0);

  await first.close();
  await until(() => turns.second > 0);
});

test('a watch bears a database that is away, says so once, and goes on', async () => {
  log.warn.mockClear();
  let turns = 0;
  startWatch(async () => {
    turns++;
    if (turns < 5) {
      throw new Error('away');
    }
    return 0;
  });

  await until(() => turns > 5);
  expect(log.warn).toHaveBeenCalledTimes(1);
});
