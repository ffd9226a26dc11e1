import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { KeypairNotFound, type Order } from '../../src/keypairs/index.ts';
import type { Store } from '../../src/operations/index.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { openssl, opensslPair } from '../support/openssl.ts';
import { opensslFacts, opensslIssued } from '../x509/support/chains.ts';
import { attribute, certificate as encoded, name, OID, pem, rdn, text } from '../x509/support/der.ts';
import { aContainer, nobody, openServices, signedBy, storePair } from './support.ts';

const ORDER: readonly Order[] = [
  { field: 'createdAt', descending: false },
  { field: 'id', descending: false },
];
const PAIR = opensslPair();

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

/** What openssl prints of a certificate's names, in the words of a view. */
function opensslNames(certificate: string) {
  const flags = ['-subject', '-issuer', '-nameopt', 'compat', '-subject_hash', '-issuer_hash'];
  const [subject = '', issuer = '', subjectHash, issuerHash] = openssl(['x509', '-noout', ...flags], certificate).split(
    '\n',
  );
  return {
    subjectOneLine: subject.slice('subject='.length),
    issuerOneLine: issuer.slice('issuer='.length),
    subjectHash,
    issuerHash,
  };
}

describe('the view of a certificate', () => {
  test('says what openssl says of it, as a list of it does', async () => {
    const here = aContainer();
    const root = opensslIssued('view root');
    const { certificate, privateKey } = opensslIssued('portal.example.test/OU=IT/OU=Net', {
      issuer: root,
      isCa: false,
    });
    const { subject, issuer, notBefore, notAfter, fingerprintSha256 } = opensslFacts(certificate);
    const rootId = await storePair(store, here, { name: 'root', ...root });
    const blocked = { ...signedBy(rootId), privateKeyExportable: false };
    const id = await storePair(store, here, { name: 'leaf', certificate, privateKey }, blocked);
    const view = {
      ...{ id, name: 'leaf', managed: null, certificate, subject, issuer, notBefore, notAfter, fingerprintSha256 },
      ...opensslNames(certificate),
      ...{
        commonName: 'portal.example.test',
        isCa: false,
        keyType: 'ec',
        keySize: 256,
        hasPrivateKey: true,
        privateKeyType: 'ec',
      },
      ...{ fingerprintSha1: expect.stringMatching(/^[0-9a-f:]{59}$/), privateKeyExportable: false },
    };
    expect(await store.keypairs.viewOf(here, id)).toEqual(view);
    expect(await store.keypairs.listCertificates(here, { name: 'leaf' }, ORDER, { limit: 5, offset: 0 })).toEqual({
      total: 1,
      certificates: [view],
    });
    expect(await store.keypairs.viewOf(here, rootId)).toMatchObject({ ...opensslNames(root.certificate), isCa: true });
  });

  test('shows of a chain the first certificate alone', async () => {
    const [leaf, other] = [opensslIssued('first of a chain'), opensslIssued('second of a chain')];
    const here = aContainer();
    const text = `\r\n${leaf.certificate}\n${other.certificate}`;
    const id = await storePair(store, here, { name: 'chain', certificate: text });

    expect((await store.keypairs.viewOf(here, id)).certificate).toBe(leaf.certificate);
  });

  test('has the common name as it is, with null characters and backslashes', async () => {
    const here = aContainer();
    const subject = name(rdn(attribute(OID.commonName, text(0x0c, 'a\0b\\0c\\'))));
    const certificate = pem('CERTIFICATE', encoded({ subject }));
    const id = await storePair(store, here, { name: 'odd', certificate });
    expect(await store.keypairs.viewOf(here, id)).toMatchObject({
      commonName: 'a\0b\\0c\\',
      ...opensslNames(certificate),
    });
  });

  test('of a name that OpenSSL refuses, and of a row from before the columns, lacks its forms and nothing else', async () => {
    const here = aContainer();
    const lacking = { subjectOneLine: null, subjectHash: null, commonName: null };
    const refused = name(rdn(attribute(OID.commonName, text(0x1a, 'visible'))));
    const odd = await storePair(store, here, {
      name: 'refused',
      certificate: pem('CERTIFICATE', encoded({ subject: refused })),
    });
    expect(await store.keypairs.viewOf(here, odd)).toMatchObject({ ...lacking, issuerOneLine: '/CN=issuer' });

    const old = await storePair(store, here, { name: 'old', ...PAIR });
    const all =
      'common_name = NULL, subject_one_line = NULL, issuer_one_line = NULL, subject_hash = NULL, issuer_hash = NULL';
    await database.query(`UPDATE keypairs SET ${all} WHERE id = $1`, [old]);
    expect(await store.keypairs.viewOf(here, old)).toMatchObject({
      ...{ ...lacking, issuerOneLine: null, issuerHash: null },
      ...{ subject: 'CN=openssl.example', issuer: 'CN=openssl.example', certificate: PAIR.certificate },
    });
  });

  test('shows no text that is more than certificates', async () => {
    const here = aContainer();
    const id = await storePair(store, here, { name: 'sealed', certificate: PAIR.certificate + PAIR.privateKey });
    expect((await store.keypairs.viewOf(here, id)).certificate).toBeNull();
  });

  test('is that of its own container alone', async () => {
    const here = aContainer();
    const id = await storePair(store, here, { name: 'here', ...PAIR });
    for (const elsewhere of [aContainer(), { ...here, realm: 'authentik' } as const]) {
      await expect(store.keypairs.viewOf(elsewhere, id)).rejects.toBeInstanceOf(KeypairNotFound);
      const list = await store.keypairs.listCertificates(elsewhere, {}, ORDER, { limit: 5, offset: 0 });
      expect(list).toEqual({ total: 0, certificates: [] });
    }
    await expect(store.keypairs.viewOf(here, nobody)).rejects.toBeInstanceOf(KeypairNotFound);
  });
});

describe('a list of certificates', () => {
  test('has each once over its pages, in the order in which they came, of one moment by their ids', async () => {
    const here = aContainer();
    const ids: string[] = [];
    for (let n = 0; n < 9; n++) {
      ids.push(await storePair(store, here, { name: randomUUID(), certificate: PAIR.certificate }));
    }
    const together = ids.slice(3, 7);
    await database.query(
      'UPDATE keypairs SET created_at = (SELECT created_at FROM keypairs WHERE id = $1) WHERE id = ANY($2)',
      [ids[3], together],
    );
    const expected = [...ids.slice(0, 3), ...together.toSorted(), ...ids.slice(7)];
    const page = (limit: number, offset: number) => store.keypairs.listCertificates(here, {}, ORDER, { limit, offset });

    const seen: string[] = [];
    for (let offset = 0; offset < 9; offset += 2) {
      const { total, certificates } = await page(2, offset);
      expect(total).toBe(9);
      seen.push(...certificates.map(({ id }) => id));
    }
    expect(seen).toEqual(expected);
    expect((await page(5000, 0)).certificates.map(({ id }) => id)).toEqual(expected);
  });

  test('counts all also beyond its last page, and on a page of nothing', async () => {
    const here = aContainer();
    await storePair(store, here, { name: 'only', ...PAIR });
    for (const page of [
      { limit: 5, offset: 1 },
      { limit: 5, offset: 2 ** 40 },
      { limit: 0, offset: 0 },
    ]) {
      expect(await store.keypairs.listCertificates(here, {}, ORDER, page)).toEqual({ total: 1, certificates: [] });
    }
  });

  test('shows of named ones those that are there', async () => {
    const here = aContainer();
    const [one] = [
      await storePair(store, here, { name: 'one', ...PAIR }),
      await storePair(store, here, { name: 'two', ...PAIR }),
    ];
    const elsewhere = await storePair(store, aContainer(), { name: 'one', ...PAIR });
    const list = await store.keypairs.listCertificates(here, { ids: [one, elsewhere, nobody] }, ORDER, {
      limit: 5,
      offset: 0,
    });
    expect([list.total, list.certificates.map(({ id }) => id)]).toEqual([1, [one]]);
  });
});
