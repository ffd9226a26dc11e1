import { afterAll, beforeAll, expect, test } from 'vitest';
import type { KeypairId } from '../../../src/keypairs/index.ts';
import type { Store } from '../../../src/operations/index.ts';
import { createDatabase, type TestDatabase } from '../../support/database.ts';
import { opensslPair, PAIR_DAYS } from '../../support/openssl.ts';
import { ACTOR, openServices } from '../support.ts';
import { anAccount, anEntry, toldOf } from './support.ts';

const { certificate: CA } = opensslPair('Lab Root CA');
const { certificate: OTHER } = opensslPair('Other Root CA');
const BEYOND_THE_END_MS = (PAIR_DAYS + 1) * 24 * 60 * 60 * 1000;

let database: TestDatabase;
let store: Store;
let clockAheadMs = 0;
beforeAll(async () => {
  database = await createDatabase();
  store = await openServices(database, undefined, () => new Date(Date.now() + clockAheadMs));
});
afterAll(async () => {
  await store.close();
  await database.drop();
});

const exchange = (id: KeypairId, text: string) =>
  database.query('UPDATE keypairs SET certificate_data = $2 WHERE id = $1', [id, text]);

test('an expired certificate that somebody exchanges is told of, and so is that it was put back', async () => {
  const account = await anAccount(database);
  const { id } = await store.trust.add(ACTOR, account, anEntry(CA));
  clockAheadMs = BEYOND_THE_END_MS;
  await store.trust.get(account, id);
  await exchange(id, OTHER);
  expect(await store.trust.tellUntold()).toBe(1);
  await exchange(id, CA);
  await store.trust.get(account, id);
  // A clock that is behind finds nothing more to tell.
  clockAheadMs = 0;
  expect(await store.trust.tellUntold()).toBe(0);
  await store.trust.get(account, id);

  expect(await toldOf(database, id)).toEqual([
    'tester:  → trusted',
    'certkeep: trusted → expired',
    'certkeep: expired → untrusted',
    'certkeep: untrusted → expired',
  ]);
});
