import { afterAll, beforeAll, expect, test } from 'vitest';
import { generateKek } from '../../src/sealing/index.ts';
import { aContainer, openServices, signedBy, storePair } from '../keypairs/support.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { opensslPair } from '../support/openssl.ts';

const PAIR = opensslPair();
const QUIET = { force: false, watcher: { onBegin() {}, onProgress() {}, onFailure() {} } };

let database: TestDatabase;
beforeAll(async () => {
  database = await createDatabase();
});
afterAll(() => database.drop());

test('what containers hold is sealed, re-wrapped with all else, and opens under the new KEK alone; who signed what stays', async () => {
  const [old, young] = [generateKek(), generateKek()];
  const here = aContainer();
  const before = await openServices(database, `${old} ${young}`);
  const signer = await storePair(before, here, { name: 'signer', ...PAIR });
  const sealed = PAIR.certificate + PAIR.privateKey;
  const blocked = { ...signedBy(signer), privateKeyExportable: false };
  const id = await storePair(before, here, { name: 'leaf', ...PAIR, certificate: sealed }, blocked);

  const [row] = await database.query('SELECT * FROM keypairs WHERE id = $1', [id]);
  expect(row?.['certificate_data']).toBeNull();
  expect(await before.keks.rotate(QUIET)).toMatchObject({ rewrapped: 3, failed: 0 });
  expect(await database.query('SELECT * FROM keypairs WHERE id = $1', [id])).toEqual([row]);
  const [from] = await before.keks.list();
  expect(await before.keks.retire(from?.id as string)).toBe(true);
  await before.close();

  const after = await openServices(database, young);
  try {
    expect(await after.keypairs.openForUse(here, id)).toEqual({ certificate: sealed, privateKey: PAIR.privateKey });
    expect(await after.keypairs.openForUse(here, signer)).toEqual(PAIR);
  } finally {
    await after.close();
  }
});
