import { Client } from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { CertificateExpired, type KeypairId } from '../../../src/keypairs/index.ts';
import type { Store } from '../../../src/operations/index.ts';
import { createDatabase, type TestDatabase } from '../../support/database.ts';
import { opensslPair } from '../../support/openssl.ts';
import { until } from '../../support/until.ts';
import { ACTOR, openServices } from '../support.ts';
import { anAccount, anEntry, toldOf } from './support.ts';

const { certificate: CA } = opensslPair('Lab Root CA');
const { certificate: OTHER } = opensslPair('Other Root CA');
const MINUTE_MS = 60_000;
/** Whoever hashes this text waits while somebody holds the lock. */
const SLOW = 'slow';
const LOCK = 4242;

let database: TestDatabase;
let store: Store;
let holder: Client;
let clockAheadMs = 0;
beforeAll(async () => {
  database = await createDatabase();
  await database.query('CREATE SCHEMA slow');
  await database.query(`CREATE FUNCTION slow.sha256(content bytea) RETURNS bytea LANGUAGE plpgsql AS $$
    BEGIN
      IF content = '${SLOW}' THEN
        PERFORM pg_advisory_xact_lock_shared(${LOCK});
      END IF;
      RETURN pg_catalog.sha256(content);
    END $$`);
  const [{ name }] = (await database.query('SELECT current_database() AS name')) as [{ name: string }];
  await database.query(`ALTER DATABASE ${name} SET search_path = slow, pg_catalog, public`);
  store = await openServices(database, undefined, () => new Date(Date.now() + clockAheadMs));
  holder = new Client({ connectionString: database.url });
  await holder.connect();
});
afterAll(async () => {
  await holder.end();
  await store.close();
  await database.drop();
});

const lockIsWaitedFor = () =>
  until(async () => {
    const waiting = await database.query(
      `SELECT FROM pg_locks JOIN pg_stat_activity USING (pid) WHERE NOT granted AND datname = current_database()`,
    );
    return waiting.length > 0;
  });

test('a look for what ended by itself tells nothing of an entry that was changed since it began to look', async () => {
  const account = await anAccount(database);
  const add = async () => (await store.trust.add(ACTOR, account, anEntry(CA))).id;
  // By ids, as it may look at them one by one.
  const [slow, changed] = [await add(), await add()].sort() as [KeypairId, KeypairId];
  await database.query('UPDATE keypairs SET certificate_data = $2 WHERE id = $1', [slow, SLOW]);
  await database.query('UPDATE keypairs SET certificate_data = $2 WHERE id = $1', [changed, OTHER]);
  await holder.query('SELECT pg_advisory_lock($1)', [LOCK]);
  const telling = store.trust.tellUntold();
  await lockIsWaitedFor();
  await store.trust.change(ACTOR, account, changed, () => anEntry(CA));
  await holder.query('SELECT pg_advisory_unlock($1)', [LOCK]);

  expect(await telling).toBe(1);
  expect(await store.trust.tellUntold()).toBe(0);
  expect(await toldOf(database, changed)).toEqual([
    'tester:  → trusted',
    'certkeep: trusted → untrusted',
    'tester: untrusted → trusted',
  ]);
});

/** A minute before the certificate ends, somebody holds its row; a minute after, it is let go. */
async function acrossTheEnd(id: KeypairId, notAfter: Date, act: () => Promise<unknown>): Promise<unknown> {
  clockAheadMs = notAfter.getTime() - Date.now() - MINUTE_MS;
  await holder.query('BEGIN');
  await holder.query('SELECT FROM keypairs WHERE id = $1 FOR UPDATE', [id]);
  const outcome = act().catch((error: unknown) => error);
  await lockIsWaitedFor();
  clockAheadMs += 2 * MINUTE_MS;
  await holder.query('COMMIT');
  return outcome.finally(() => {
    clockAheadMs = 0;
  });
}

test('a change that waits for its lock beyond the end of the certificate is judged by when it gets it', async () => {
  const account = await anAccount(database);
  const { id, notAfter } = await store.trust.add(ACTOR, account, anEntry(CA));
  const outcome = await acrossTheEnd(id, notAfter, () =>
    store.trust.change(ACTOR, account, id, ({ state }) => {
      expect(state).toBe('expired');
      return { desired: 'untrusted' };
    }),
  );

  expect(outcome).toBeInstanceOf(CertificateExpired);
  expect((await store.trust.get(account, id)).desired).toBe('trusted');
  expect(await toldOf(database, id)).toEqual(['tester:  → trusted']);
});

test('a deletion that waits for its lock beyond the end of the certificate tells of that end first', async () => {
  const account = await anAccount(database);
  const { id, notAfter } = await store.trust.add(ACTOR, account, anEntry(CA));
  const outcome = await acrossTheEnd(id, notAfter, () => store.trust.remove(ACTOR, account, id, () => {}));

  expect(outcome).toBeUndefined();
  expect(await toldOf(database, id)).toEqual([
    'tester:  → trusted',
    'certkeep: trusted → expired',
    'tester: expired → ',
  ]);
});

test('a deletion by a clock that is behind tells of the state that was told of last', async () => {
  const account = await anAccount(database);
  const { id } = await store.trust.add(ACTOR, account, anEntry(CA));
  // Another server's clock found it expired.
  await database.query(`UPDATE trust_entries SET told_state = 'expired' WHERE keypair_id = $1`, [id]);
  await store.trust.remove(ACTOR, account, id, () => {});

  expect((await toldOf(database, id)).at(-1)).toBe('tester: expired → ');
});
