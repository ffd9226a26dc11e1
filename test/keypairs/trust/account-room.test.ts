import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { CertificateRefused, MAX_ACCOUNT_OCTETS } from '../../../src/keypairs/index.ts';
import type { Store } from '../../../src/operations/index.ts';
import { createDatabase, type TestDatabase } from '../../support/database.ts';
import { opensslPair } from '../../support/openssl.ts';
import { ACTOR, openServices } from '../support.ts';
import { anAccount, anEntry } from './support.ts';

const { certificate: CA } = opensslPair('Lab Root CA');

let database: TestDatabase;
let store: Store;
let account: string;
beforeAll(async () => {
  database = await createDatabase();
  store = await openServices(database);
});
afterAll(async () => {
  await store.close();
  await database.drop();
});
beforeEach(async () => {
  account = await anAccount(database);
});

const add = () => store.trust.add(ACTOR, account, anEntry(CA));

/** One entry that leaves so many octets of its account free. */
async function leave(octets: number) {
  const { id } = await add();
  await database.query(`UPDATE keypairs SET certificate_data = repeat('x', $2::int) WHERE id = $1`, [
    id,
    MAX_ACCOUNT_OCTETS - octets,
  ]);
  return id;
}

test('an account takes certificates up to 32 MiB, and refuses those beyond without storing anything', async () => {
  await leave(CA.length);
  await add();
  const stored = () => database.query('SELECT id FROM keypairs WHERE scope = $1 ORDER BY id', [account]);
  const before = await stored();

  const refusal = await add().catch((error: unknown) => error);
  expect(refusal).toBeInstanceOf(CertificateRefused);
  expect(refusal).toMatchObject({ code: 'NO_ROOM' });
  expect(await stored()).toEqual(before);
});

test('a full account still exchanges its certificates, by no larger ones, and another account has room of its own', async () => {
  const { id } = await add();
  const large = await leave(CA.length);
  const certificate = anEntry(CA).certificate;
  await store.trust.change(ACTOR, account, id, () => ({ certificate }));
  const larger = { ...certificate, text: `${certificate.text}\n` };
  await expect(store.trust.change(ACTOR, account, id, () => ({ certificate: larger }))).rejects.toThrow('NO_ROOM');
  await store.trust.change(ACTOR, account, large, () => ({ certificate }));
  await store.trust.change(ACTOR, account, id, () => ({ certificate: larger }));

  await leave(0);
  account = await anAccount(database);
  await add();
});

test('an account that keeps more than it may still exchanges its certificates by no larger ones', async () => {
  const { id } = await add();
  // Certificates that came at the same time.
  await leave(0);
  const certificate = anEntry(CA).certificate;
  await store.trust.change(ACTOR, account, id, () => ({ certificate }));

  const larger = { ...certificate, text: `${certificate.text}\n` };
  await expect(store.trust.change(ACTOR, account, id, () => ({ certificate: larger }))).rejects.toThrow('NO_ROOM');
});
