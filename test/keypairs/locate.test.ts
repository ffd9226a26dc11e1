import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { KeypairId, Placement } from '../../src/keypairs/index.ts';
import type { Store } from '../../src/operations/index.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { opensslPair } from '../support/openssl.ts';
import { aContainer, nobody, openServices, storePair } from './support.ts';

const { certificate } = opensslPair();
const HERE = aContainer();
const THERE = aContainer();
const AUTHENTIK = { realm: 'authentik', scope: '' } as const;

let database: TestDatabase;
let store: Store;
let here: KeypairId;
let there: KeypairId;
let authentik: KeypairId;
beforeAll(async () => {
  database = await createDatabase();
  store = await openServices(database);
  const storeIn = (placement: Placement) => storePair(store, placement, { name: 'one name', certificate });
  [here, there, authentik] = await Promise.all([storeIn(HERE), storeIn(THERE), storeIn(AUTHENTIK)]);
});
afterAll(async () => {
  await store.close();
  await database.drop();
});

const located = async (realm: 'strata' | 'authentik', ...ids: readonly KeypairId[]) =>
  Object.fromEntries(await store.keypairs.locate(realm, ids));

test('pairs are found by their ids alone, in the realm that is asked about and in no other', async () => {
  expect(await located('strata', here)).toEqual({ [here]: HERE.scope });
  expect(await located('strata', here, there, authentik, nobody)).toEqual({
    [here]: HERE.scope,
    [there]: THERE.scope,
  });
  expect(await located('authentik', here, there, authentik)).toEqual({ [authentik]: '' });
});

test('what is not there is missing: an unknown id, one of another realm, none at all', async () => {
  expect(await located('strata', nobody)).toEqual({});
  expect(await located('strata', authentik)).toEqual({});
  expect(await located('authentik', here)).toEqual({});
  expect(await located('strata')).toEqual({});
});

test('one among very many, as a token has grants, is found', async () => {
  const ids = Array.from({ length: 20_000 }, () => randomUUID() as KeypairId);
  expect(await located('strata', ...ids, there, ...ids)).toEqual({ [there]: THERE.scope });
});
