import { Client } from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ServerEnding } from '../../../src/keypairs/index.ts';
import type { Store } from '../../../src/operations/index.ts';
import { createDatabase, type TestDatabase } from '../../support/database.ts';
import { opensslPair } from '../../support/openssl.ts';
import { until } from '../../support/until.ts';
import { ACTOR, openServices } from '../support.ts';
import { anAccount, anEntry } from './support.ts';

const { certificate: CA } = opensslPair('Lab Root CA');
/** A search, by its order. */
const SEARCH = { conditions: [], order: { field: 'commonName', descending: false }, limit: 10 } as const;
const staying = () => new AbortController().signal;

let database: TestDatabase;
let store: Store;
beforeAll(async () => {
  database = await createDatabase();
  store = await openServices(database);
});
afterAll(async () => {
  await store.close();
  await database.drop();
});

/** Does something while a table can't be read. */
async function withoutReading(table: string, act: (stuck: (reads: number) => Promise<void>) => Promise<void>) {
  const holder = new Client(database.url);
  await holder.connect();
  try {
    await holder.query(`BEGIN; LOCK TABLE ${table} IN ACCESS EXCLUSIVE MODE`);
    await act((reads) =>
      until(async () => {
        const [row] = await database.query<{ stuck: number }>(
          `SELECT count(*)::int AS stuck FROM pg_locks WHERE relation = '${table}'::regclass AND NOT granted`,
        );
        return row?.stuck === reads;
      }),
    );
  } finally {
    await holder.end();
  }
}

test("a bundle does not wait for its account's searches, which wait for those of all", async () => {
  const account = await anAccount(database);
  await store.trust.add(ACTOR, account, anEntry(CA));
  let others: Promise<unknown>[] = [];
  let searches: Promise<unknown>[] = [];
  let ended = 0;
  await withoutReading('events', async (stuck) => {
    others = [0, 1].map(() => store.events.list({}, [], { limit: 1, offset: 0 }, staying));
    await stuck(2);
    searches = [0, 1].map(() => store.trust.list(account, { ...SEARCH, at: new Date() }).finally(() => ended++));
    expect((await store.trust.bundle(account)).toString()).toContain('BEGIN CERTIFICATE');
    expect(ended).toBe(0);
  });
  await Promise.all([...others, ...searches]);
});

test('a server that ends refuses the reads of an account that wait for their turn', async () => {
  const account = await anAccount(database);
  let running: Promise<unknown>[] = [];
  let ended = 0;
  await withoutReading('trust_entries', async (stuck) => {
    running = [0, 1].map(() => store.trust.bundle(account).finally(() => ended++));
    await stuck(2);
    const waiting = expect(store.trust.bundle(account)).rejects.toThrow(ServerEnding);
    store.beginClosing();
    await waiting;
    expect(ended).toBe(0);
  });
  await Promise.all(running);
});
