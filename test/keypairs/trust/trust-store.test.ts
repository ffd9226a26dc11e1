import { randomUUID } from 'node:crypto';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  AccountGone,
  CertificateBroken,
  CertificateExpired,
  type KeypairId,
  KeypairNotFound,
  type TrustEntryChange,
  type TrustQuery,
} from '../../../src/keypairs/index.ts';
import type { Store } from '../../../src/operations/index.ts';
import { createDatabase, type TestDatabase } from '../../support/database.ts';
import { opensslPair, PAIR_DAYS } from '../../support/openssl.ts';
import { ACTOR, nobody, openServices } from '../support.ts';
import { anAccount, anEntry, toldOf } from './support.ts';

const { certificate: CA } = opensslPair('Lab Root CA');
const { certificate: OTHER } = opensslPair('Other Root CA');
const DAY_MS = 24 * 60 * 60 * 1000;

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

/** Beyond the end of the certificates, for the time of one act. */
async function later<T>(act: () => Promise<T>): Promise<T> {
  clockAheadMs = (PAIR_DAYS + 1) * DAY_MS;
  try {
    return await act();
  } finally {
    clockAheadMs = 0;
  }
}

const add = (account: string, wanted: Parameters<typeof anEntry>[1] = {}) =>
  store.trust.add(ACTOR, account, anEntry(CA, wanted));
const change = (account: string, id: KeypairId, wanted: TrustEntryChange) =>
  store.trust.change(ACTOR, account, id, () => wanted);
const tamper = (id: KeypairId) =>
  database.query('UPDATE keypairs SET certificate_data = $2 WHERE id = $1', [id, OTHER]);
const bundleOf = async (account: string) => (await store.trust.bundle(account)).toString();
const everything = (): TrustQuery => ({
  conditions: [],
  order: { field: 'createdAt', descending: false },
  limit: 100,
  at: new Date(),
});

describe('an entry', () => {
  test('is shown as it was added', async () => {
    const account = await anAccount(database);
    const labels = [{ name: 'site', value: 'a "b" \\ c' }];
    const added = await add(account, { use: 'intermediateCA', statedSelfSigned: true, labels, resourceVersion: '1.0' });

    expect(await store.trust.get(account, added.id)).toMatchObject(added);
    expect(added).toMatchObject({ commonName: 'Lab Root CA', certificate: CA, state: 'trusted', labels });
    expect((await store.trust.list(account, everything())).entries).toEqual([expect.objectContaining(added)]);
  });

  test('is in its account alone', async () => {
    const [account, other] = [await anAccount(database), await anAccount(database)];
    const { id } = await add(account);

    await expect(store.trust.get(other, id)).rejects.toThrow(KeypairNotFound);
    await expect(change(other, id, { desired: 'untrusted' })).rejects.toThrow(KeypairNotFound);
    await expect(store.trust.remove(ACTOR, other, id, () => {})).rejects.toThrow(KeypairNotFound);
    expect((await store.trust.list(other, everything())).entries).toEqual([]);
    expect(await bundleOf(other)).toBe('');
    expect((await store.trust.get(account, id)).desired).toBe('trusted');
  });

  test('is not added to an account that is not there, and leaves nothing behind', async () => {
    const account = randomUUID();

    await expect(add(account)).rejects.toThrow(AccountGone);
    expect(await database.query('SELECT FROM keypairs WHERE scope = $1', [account])).toEqual([]);
  });

  test('keeps what a change does not mention, and moves by a second at least with each', async () => {
    const account = await anAccount(database);
    const { id, ...added } = await add(account, { labels: [{ name: 'a', value: 'b' }] });
    const times: number[] = [added.updatedAt.getTime()];
    for (const desired of ['untrusted', 'untrusted', 'trusted'] as const) {
      await change(account, id, { desired });
      times.push((await store.trust.get(account, id)).updatedAt.getTime());
    }

    const seconds = times.map((time) => Math.floor(time / 1000));
    expect(new Set(seconds).size).toBe(4);
    expect(seconds).toEqual([...seconds].sort((a, b) => a - b));
    const { updatedAt: _, ...rest } = added;
    expect(await store.trust.get(account, id)).toMatchObject(rest);
  });

  test('takes the name and the end of a new certificate', async () => {
    const account = await anAccount(database);
    const { id } = await add(account);
    await change(account, id, anEntry(OTHER));

    const { commonName, certificate } = await store.trust.get(account, id);
    expect({ commonName, certificate }).toEqual({ commonName: 'Other Root CA', certificate: OTHER });
    expect(await database.query('SELECT name FROM keypairs WHERE id = $1', [id])).toEqual([{ name: 'Other Root CA' }]);
  });

  test('is shown with U+0000 in its name, which no text of the database holds', async () => {
    const account = await anAccount(database);
    const { id } = await add(account);
    await database.query('UPDATE keypairs SET common_name = $2 WHERE id = $1', [id, String.raw`a\0b\\c`]);

    expect((await store.trust.get(account, id)).commonName).toBe('a\0b\\c');
  });

  test('is as it was where the decision fails under its lock', async () => {
    const account = await anAccount(database);
    const { id } = await add(account);
    const before = await store.trust.get(account, id);
    const refusal = new Error('no');
    const refuse = () => {
      throw refusal;
    };

    await expect(store.trust.change(ACTOR, account, id, refuse)).rejects.toBe(refusal);
    await expect(store.trust.remove(ACTOR, account, id, refuse)).rejects.toBe(refusal);
    expect(await store.trust.get(account, id)).toEqual(before);
  });

  test.each([
    ['without a name', 'UPDATE keypairs SET common_name = NULL WHERE id = $1'],
    ['with a label that is none', `UPDATE trust_entries SET labels = '[null]' WHERE keypair_id = $1`],
    ['with half a label', `UPDATE trust_entries SET labels = '[{"name":"a"}]' WHERE keypair_id = $1`],
  ])('%s, which could not be shown, is not stored', async (_, statement) => {
    const { id } = await add(await anAccount(database));
    await expect(database.query(statement, [id])).rejects.toThrow('violates check constraint');
  });

  test('is gone with its keypair when it is removed', async () => {
    const account = await anAccount(database);
    const { id } = await add(account);
    await store.trust.remove(ACTOR, account, id, () => {});

    await expect(store.trust.get(account, id)).rejects.toThrow(KeypairNotFound);
    expect(await database.query('SELECT FROM trust_entries WHERE keypair_id = $1', [id])).toEqual([]);
    await expect(store.trust.remove(ACTOR, account, nobody, () => {})).rejects.toThrow(KeypairNotFound);
  });
});

describe('trust', () => {
  test('ends with the certificate, whatever is desired, and is told of once', async () => {
    const account = await anAccount(database);
    const { id } = await add(account);

    await later(async () => {
      expect((await store.trust.get(account, id)).state).toBe('expired');
      expect((await store.trust.get(account, id)).desired).toBe('trusted');
      expect(await bundleOf(account)).toBe('');
    });
    expect(await toldOf(database, id)).toEqual(['tester:  → trusted', 'certkeep: trusted → expired']);
  });

  test('in what has expired can not be changed, but a new certificate takes its place', async () => {
    const account = await anAccount(database);
    const { id } = await add(account);

    await later(async () => {
      await expect(change(account, id, { desired: 'untrusted' })).rejects.toThrow(CertificateExpired);
      await expect(change(account, id, { ...anEntry(OTHER), desired: 'untrusted' })).rejects.toThrow(
        CertificateExpired,
      );
      await change(account, id, { desired: 'trusted', labels: [{ name: 'kept', value: '' }] });
    });
    await change(account, id, { certificate: anEntry(OTHER).certificate, desired: 'untrusted' });

    expect((await store.trust.get(account, id)).state).toBe('untrusted');
    expect(await toldOf(database, id)).toEqual([
      'tester:  → trusted',
      'certkeep: trusted → expired',
      'tester: expired → untrusted',
    ]);
  });

  test('in a certificate that somebody exchanged in the database ends until a new one is stored', async () => {
    const account = await anAccount(database);
    const { id } = await add(account);
    await tamper(id);

    expect(await store.trust.get(account, id)).toMatchObject({
      state: 'untrusted',
      desired: 'trusted',
      isIntact: false,
    });
    expect(await bundleOf(account)).toBe('');
    await expect(change(account, id, { desired: 'trusted' })).rejects.toThrow(CertificateBroken);
    await change(account, id, { desired: 'untrusted' });
    await expect(change(account, id, { desired: 'trusted' })).rejects.toThrow(CertificateBroken);
    await change(account, id, { ...anEntry(CA), desired: 'trusted' });
    expect(await store.trust.get(account, id)).toMatchObject({ state: 'trusted', isIntact: true });
    expect(await toldOf(database, id)).toEqual([
      'tester:  → trusted',
      'certkeep: trusted → untrusted',
      'tester: untrusted → trusted',
    ]);
  });

  test('in a damaged certificate is no obstacle to a change of all else, and stays desired', async () => {
    const account = await anAccount(database);
    const { id } = await add(account);
    await tamper(id);
    const labels = [{ name: 'seen', value: 'damaged' }];
    await change(account, id, { labels });

    expect(await store.trust.get(account, id)).toMatchObject({ state: 'untrusted', desired: 'trusted', labels });
  });

  test('that a list comes upon the end of is told of', async () => {
    const account = await anAccount(database);
    const { id } = await add(account);
    await tamper(id);
    await store.trust.list(account, everything());

    expect(await toldOf(database, id)).toEqual(['tester:  → trusted', 'certkeep: trusted → untrusted']);
  });

  test('that ended by itself is told of before the change that nobody saw it in front of', async () => {
    const account = await anAccount(database);
    const { id } = await add(account);
    await tamper(id);
    await change(account, id, { ...anEntry(CA), desired: 'trusted' });

    expect(await toldOf(database, id)).toEqual([
      'tester:  → trusted',
      'certkeep: trusted → untrusted',
      'tester: untrusted → trusted',
    ]);
  });

  test('that ended by itself is told of before its certificate is deleted, and what it was then', async () => {
    const account = await anAccount(database);
    const { id } = await add(account);
    await later(() => store.trust.remove(ACTOR, account, id, () => {}));

    expect(await toldOf(database, id)).toEqual([
      'tester:  → trusted',
      'certkeep: trusted → expired',
      'tester: expired → ',
    ]);
  });

  test('that ended is found though nobody looks, each time by one of all processes', async () => {
    const account = await anAccount(database);
    const entries = await Promise.all(Array.from({ length: 5 }, () => add(account)));
    const found = await later(() => Promise.all(Array.from({ length: 4 }, () => store.trust.tellUntold())));

    expect(found.reduce((sum, each) => sum + each, 0)).toBeGreaterThanOrEqual(5);
    for (const { id } of entries) {
      expect(await toldOf(database, id)).toEqual(['tester:  → trusted', 'certkeep: trusted → expired']);
    }
    expect(await later(() => store.trust.tellUntold())).toBe(0);
    // A clock that goes back does not begin anew.
    expect(await store.trust.tellUntold()).toBe(0);
  });

  test('that another process is telling of is passed over, and waited for by nobody', async () => {
    const account = await anAccount(database);
    const { id } = await add(account);
    const other = new Client({ connectionString: database.url });
    await other.connect();
    try {
      await other.query('BEGIN');
      await other.query('SELECT 1 FROM trust_entries WHERE keypair_id = $1 FOR UPDATE', [id]);
      await later(() => store.trust.tellUntold());
      expect((await later(() => store.trust.get(account, id))).state).toBe('expired');
      expect(await toldOf(database, id)).toEqual(['tester:  → trusted']);
      await other.query('ROLLBACK');
    } finally {
      await other.end();
    }
    await later(() => store.trust.tellUntold());
    expect(await toldOf(database, id)).toEqual(['tester:  → trusted', 'certkeep: trusted → expired']);
  });

  test('gives a bundle of each certificate that is trusted, once', async () => {
    const account = await anAccount(database);
    await store.trust.add(ACTOR, account, anEntry(`\n${OTHER.trim()}`));
    await add(account);
    await add(account);
    await add(account, { desired: 'untrusted' });

    expect(await bundleOf(account)).toBe(OTHER + CA);
  });
});
