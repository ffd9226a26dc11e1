import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Draft, KeypairNotFound, SealingError } from '../../src/keypairs/index.ts';
import type { Store } from '../../src/operations/index.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { opensslPair } from '../support/openssl.ts';
import { ACTOR, aContainer, nobody, openServices, storePair } from './support.ts';

const PAIRS = [opensslPair('one.example'), opensslPair('other.example')] as const;
const [PAIR] = PAIRS;
const CHANGES = 40;

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

const open = (...[placement, id]: Parameters<Store['keypairs']['openForUse']>) =>
  store.keypairs.openForUse(placement, id);

test('both texts come as they were stored, sealed or not, with a key or without', async () => {
  const here = aContainer();
  const { certificate, privateKey } = PAIR;
  const sealed = `${certificate}${privateKey}`;
  const whole = await storePair(store, here, { name: 'whole', certificate, privateKey });
  const alone = await storePair(store, here, { name: 'alone', certificate });
  const both = await storePair(store, here, { name: 'both sealed', certificate: sealed, privateKey });
  const one = await storePair(store, here, { name: 'one sealed', certificate: sealed });

  expect(await open(here, whole)).toEqual({ certificate, privateKey });
  expect(await open(here, alone)).toEqual({ certificate, privateKey: null });
  expect(await open(here, both)).toEqual({ certificate: sealed, privateKey });
  expect(await open(here, one)).toEqual({ certificate: sealed, privateKey: null });
});

test('certificate and key are of one moment, however often they are replaced meanwhile', async () => {
  const here = aContainer();
  const id = await storePair(store, here, { name: 'replaced', ...PAIR });
  const drafts = await Promise.all(
    PAIRS.map(async (pair) => (await store.keypairs.draft(here, { ...pair }, id)).draft),
  );
  const seen: string[] = [];
  let changing = true;
  const readers = Array.from({ length: 3 }, async () => {
    while (changing) {
      const { certificate, privateKey } = await open(here, id);
      const index = PAIRS.findIndex((pair) => pair.certificate === certificate);
      seen.push(PAIRS[index]?.privateKey === privateKey ? `pair ${index}` : 'a certificate with another key');
    }
  });
  for (let change = 1; change <= CHANGES; change++) {
    await store.keypairs.update(ACTOR, here, id, drafts[change % 2] as Draft);
  }
  changing = false;
  await Promise.all(readers);

  expect([...new Set(seen)].toSorted()).toEqual(['pair 0', 'pair 1']);
});

test('nobody sees anything by it: no event tells of it', async () => {
  const here = aContainer();
  const id = await storePair(store, here, { name: 'quiet', ...PAIR });
  await open(here, id);
  const events = await database.query('SELECT action FROM events WHERE model_pk = $1', [id.replaceAll('-', '')]);
  expect(events).toEqual([{ action: 'model_created' }]);
});

test('a pair that is not there, or elsewhere, is not found; one whose sealed key was removed or put elsewhere does not open', async () => {
  const [here, there] = [aContainer(), aContainer()];
  const id = await storePair(store, here, { name: 'one', ...PAIR });
  const other = await storePair(store, here, { name: 'other', ...PAIR });
  for (const [placement, wanted] of [
    [here, nobody],
    [there, id],
    [{ realm: 'authentik', scope: here.scope } as const, id],
  ] as const) {
    await expect(open(placement, wanted)).rejects.toBeInstanceOf(KeypairNotFound);
  }

  await database.query('DELETE FROM sealed_secrets WHERE keypair_id = $1', [id]);
  await expect(open(here, id)).rejects.toBeInstanceOf(SealingError);
  await database.query('UPDATE sealed_secrets SET keypair_id = $1 WHERE keypair_id = $2', [id, other]);
  await expect(open(here, id)).rejects.toBeInstanceOf(SealingError);
});
