import type { Worker } from 'node:worker_threads';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { Actor } from '../../src/audit/index.ts';
import { readConfig } from '../../src/config.ts';
import {
  type CompleteDraft,
  type Draft,
  type KeypairId,
  KeypairNotFound,
  keypairIdOf,
} from '../../src/keypairs/index.ts';
import { openStore, type Store } from '../../src/operations/index.ts';
import { generateKek } from '../../src/sealing/index.ts';
import { generateKeyPair, issueAuthentikProfile } from '../../src/x509/index.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { openssl, opensslPair } from '../support/openssl.ts';
import { opensslChain, opensslFacts, opensslIssued, P256, textOf } from '../x509/support/chains.ts';
import {
  attribute,
  certificate as encoded,
  hex,
  name,
  OID,
  pem,
  rdn,
  sequence,
  text,
  tlv,
} from '../x509/support/der.ts';

const HERE = { realm: 'authentik', scope: '' } as const;
const ACTOR = {
  ...{
    id: '3f8f6f43-6d1c-4c39-8a43-0d5a4cf5e6a1',
    username: 'tester',
    tokenId: '00000000-0000-4000-8000-000000000000',
  },
  ...{ requestId: 'request', address: '192.0.2.1' },
} as Actor;

let database: TestDatabase;
let store: Store;
const warnings: object[] = [];
const log = { debug() {}, info() {}, warn: (fields: object) => warnings.push(fields), error() {} };

beforeAll(async () => {
  database = await createDatabase();
  const config = { ...readConfig({ DATABASE_URL: database.url }), kek: generateKek(), databasePoolSize: 2 };
  store = await openStore({ config, log });
});
afterAll(async () => {
  await store.close();
  await database.drop();
});

async function sound(fields: Parameters<Store['keypairs']['draft']>[1]): Promise<Draft> {
  const { draft, problems } = await store.keypairs.draft(HERE, fields);
  expect(problems).toEqual([]);
  return draft;
}

async function stored(fields: { name: string; certificate: string; privateKey?: string }): Promise<KeypairId> {
  return (await store.keypairs.create(ACTOR, HERE, (await sound(fields)) as CompleteDraft)).id;
}

const described = (id: KeypairId) => store.keypairs.describe(HERE, id);
const subjects = async (id: KeypairId) =>
  (await described(id)).chain?.certificates.map((each) => (each.readable ? each.subject : each.reason));

describe('the description of a stored pair', () => {
  test('says what openssl says of its certificate', async () => {
    const names =
      'DNS:a.example,DNS:*.b.example,IP:192.0.2.1,IP:2001:db8::1,email:x@example.org,URI:https://c.example/d';
    const extensions = [`subjectAltName=${names}`, 'basicConstraints=critical,CA:TRUE,pathlen:3'];
    const options = ['-newkey', 'rsa:2048', '-sha384', ...extensions.flatMap((each) => ['-addext', each])];
    const pair = opensslPair('described.example', options);
    const id = await stored({ name: 'described', ...pair });
    const keyId = openssl(['x509', '-noout', '-ext', 'subjectKeyIdentifier'], pair.certificate).split('\n')[1]?.trim();
    const subjectKeyId = keyId?.replaceAll(':', '').toLowerCase();
    const facts = opensslFacts(pair.certificate);

    expect(await described(id)).toEqual({
      ...facts,
      ...{ id, name: 'described', managed: null, hasPrivateKey: true, keyType: 'rsa', privateKeyType: 'rsa' },
      fingerprintSha1: expect.stringMatching(/^[0-9a-f:]{59}$/),
      subjectAltNames: {
        ...{ dns: ['a.example', '*.b.example'], ip: ['192.0.2.1', '2001:db8::1'], email: ['x@example.org'] },
        ...{ uri: ['https://c.example/d'], directory: [], registeredId: [], other: [] },
      },
      ...{ isCa: true, pathLength: 3, keySize: 2048, curve: null, signatureAlgorithm: 'sha384WithRSAEncryption' },
      ...{ selfSigned: true, keyMatchesCertificate: true, subjectKeyId, authorityKeyId: subjectKeyId },
      chain: {
        certificates: [{ ...facts, readable: true, isCa: true, selfIssued: true, signsPrevious: null }],
        truncated: false,
      },
    });
  });

  test('names the curve and the issuer of a certificate that somebody else signed', async () => {
    const [leaf, intermediate] = opensslChain('issued', P256);
    const id = await stored({ name: 'issued', certificate: leaf.certificate });
    expect(await described(id)).toMatchObject({
      ...{ issuer: opensslFacts(intermediate.certificate).subject, selfSigned: false, isCa: false, pathLength: null },
      ...{ keyType: 'ec', keySize: 256, curve: 'prime256v1', keyMatchesCertificate: null, privateKeyType: null },
    });
  });

  test('tells whether key and certificate belong together, and that it can not tell of a key that nothing can hold', async () => {
    const [one, other] = [opensslPair('one'), opensslPair('other')];
    const dhKey = openssl(['genpkey', '-algorithm', 'DH', '-pkeyopt', 'group:ffdhe2048']);
    const matches = async (label: string, privateKey: string) =>
      (await described(await stored({ name: label, certificate: one.certificate, privateKey }))).keyMatchesCertificate;
    expect(await matches('own key', one.privateKey)).toBe(true);
    expect(await matches('foreign key', other.privateKey)).toBe(false);
    expect(await matches('dh key', dhKey)).toBeNull();
  });

  test('gives texts as they were, with null characters and backslashes', async () => {
    const san = 'subjectAltName=DER:30:0b:82:09:61:00:62:5c:30:2e:63:6f:6d';
    const { certificate } = opensslPair('nul', ['-newkey', 'ed25519', '-addext', san]);
    const { subjectAltNames } = await described(await stored({ name: 'nul', certificate }));
    expect(subjectAltNames.dns).toEqual(['a\0b\\0.com']);

    // RFC 4514 writes U+0000 as \00 and a backslash as two.
    const odd = name(rdn(attribute(OID.commonName, text(0x0c, 'a\0b\\c'))));
    const only = pem('CERTIFICATE', encoded({ subject: odd, issuer: odd }));
    expect(await subjects(await stored({ name: 'odd', certificate: only }))).toEqual(['CN=a\\00b\\\\c']);
  });

  test('of an unknown pair, of another realm and of another scope is none', async () => {
    const { certificate } = opensslPair('hidden');
    const id = await stored({ name: 'hidden', certificate });
    const unknown = keypairIdOf('00000000-0000-4000-8000-000000000000') as KeypairId;
    await expect(described(unknown)).rejects.toBeInstanceOf(KeypairNotFound);
    for (const elsewhere of [{ realm: 'strata', scope: '' } as const, { realm: 'authentik', scope: 'x' } as const]) {
      await expect(store.keypairs.describe(elsewhere, id)).rejects.toBeInstanceOf(KeypairNotFound);
    }
  });
});

describe('the chain of a stored pair', () => {
  test('says of each certificate what openssl says, and whether it signs the one before', async () => {
    const chain = opensslChain('stored');
    const { chain: read } = await described(await stored({ name: 'chain', certificate: textOf(chain) }));
    const facts = chain.map((pair) => opensslFacts(pair.certificate));
    expect(read).toMatchObject({ truncated: false, certificates: facts });
    expect(read?.certificates.map((each) => each.readable && each.signsPrevious)).toEqual([null, true, true]);
  });

  test('follows the certificate when that is replaced, and stays when anything else is', async () => {
    const chain = opensslChain('first');
    const id = await stored({ name: 'replaced', certificate: textOf(chain) });
    const update = async (fields: Parameters<typeof sound>[0]) =>
      store.keypairs.update(ACTOR, HERE, id, await sound(fields));
    await update({ name: 'renamed', privateKey: chain[0].privateKey });
    expect(await subjects(id)).toEqual(['CN=first leaf', 'CN=first intermediate', 'CN=first root']);

    await update({ certificate: textOf(opensslChain('second').slice(1)) });
    expect(await subjects(id)).toEqual(['CN=second intermediate', 'CN=second root']);

    await update({ certificate: opensslIssued('alone').certificate });
    expect(await subjects(id)).toEqual(['CN=alone']);
  });

  test('is described of a text that is sealed, because there is a key in it', async () => {
    const [leaf, intermediate] = opensslChain('sealed');
    const id = await stored({
      name: 'sealed',
      certificate: leaf.certificate + leaf.privateKey + intermediate.certificate,
    });
    expect(await subjects(id)).toEqual(['CN=sealed leaf', 'CN=sealed intermediate']);
  });

  test('is that of the one certificate where a pair is generated', async () => {
    const make = async () =>
      issueAuthentikProfile(
        { commonName: 'made', subjectAltNames: [], validityDays: 1, issuerCommonName: 'us', now: new Date() },
        await generateKeyPair('ed25519'),
      );
    const { id } = await store.keypairs.generate(ACTOR, HERE, { name: 'made', make }, new AbortController().signal);
    expect(await subjects(id)).toEqual(['OU=Self-signed,O=authentik,CN=made']);
    expect(await described(id)).toMatchObject({ issuer: 'CN=us', selfSigned: false, keyMatchesCertificate: true });
  });

  test('keeps unreadable certificates in their places', async () => {
    const [leaf] = opensslChain('gap');
    const broken = pem('CERTIFICATE', sequence(hex('02 01 05'), tlv(0x04)));
    const id = await stored({ name: 'gap', certificate: leaf.certificate + broken + leaf.certificate });
    expect(await subjects(id)).toEqual(['CN=gap leaf', 'a tag other than 0x30', 'CN=gap leaf']);
  });

  test('is unknown of a row from before the column, and of one whose certificate a server of that time replaced', async () => {
    const [leaf, intermediate] = opensslChain('old');
    const id = await stored({ name: 'old', certificate: leaf.certificate + intermediate.certificate });
    await database.query('UPDATE keypairs SET fingerprint_sha256 = $2 WHERE id = $1', [id, '00']);
    expect((await described(id)).chain).toBeNull();
    await database.query('UPDATE keypairs SET chain = NULL WHERE id = $1', [id]);
    expect((await described(id)).chain).toBeNull();
  });

  test('is not described where the caller leaves: nothing is stored', async () => {
    const draft = (await sound({ name: 'left', certificate: textOf(opensslChain('left')) })) as CompleteDraft;
    const creating = store.keypairs.create(ACTOR, HERE, draft, { departure: () => AbortSignal.abort() });
    await expect(creating).rejects.toMatchObject({ code: 'ABANDONED' });
    expect(await database.query("SELECT 1 FROM keypairs WHERE name = 'left'")).toEqual([]);
  });

  test('was waited for: a caller who lost the right meanwhile stores and changes nothing', async () => {
    const lost = new Error('no longer');
    const stillMay = () => Promise.reject(lost);
    const chain = textOf(opensslChain('lost'));
    const draft = (await sound({ name: 'lost', certificate: chain })) as CompleteDraft;
    await expect(store.keypairs.create(ACTOR, HERE, draft, { stillMay })).rejects.toBe(lost);
    expect(await database.query("SELECT 1 FROM keypairs WHERE name = 'lost'")).toEqual([]);

    const [leaf] = opensslChain('kept');
    const id = await stored({ name: 'kept', certificate: leaf.certificate });
    const change = await sound({ certificate: chain });
    await expect(store.keypairs.update(ACTOR, HERE, id, change, { stillMay })).rejects.toBe(lost);
    expect((await described(id)).chain?.certificates).toHaveLength(1);
  });
});

test('a store that closes refuses chains that wait, stores them undescribed, says so, and ends its threads', async () => {
  const threads: Worker[] = [];
  const note = (worker: Worker) => threads.push(worker);
  process.on('worker', note);
  onTestFinished(() => void process.off('worker', note));
  const own = await createDatabase();
  onTestFinished(() => own.drop());
  const warned = warnings.length;
  const config = { ...readConfig({ DATABASE_URL: own.url }), kek: generateKek(), databasePoolSize: 2 };
  const closing = await openStore({ config, log });
  const draft = async (label: string) => {
    const fields = { name: label, certificate: textOf(opensslChain(label)) };
    return (await closing.keypairs.draft(HERE, fields)).draft as CompleteDraft;
  };
  const [first, second] = [await draft('first'), await draft('second')];
  const both = [first, second].map((each) => closing.keypairs.create(ACTOR, HERE, each));
  closing.beginClosing();
  const [one, other] = await Promise.all(both);
  const chains = [one, other].map(async (pair) => (await closing.keypairs.describe(HERE, pair?.id as KeypairId)).chain);
  expect(await Promise.all(chains)).toEqual([expect.objectContaining({ truncated: false }), null]);
  expect(warnings.slice(warned)).toMatchObject([{ err: { code: 'ENDING' } }]);
  // Node numbers a thread that is gone -1.
  expect(threads.map(({ threadId }) => threadId > 0)).toEqual([true]);
  await closing.close();
  expect(threads.map(({ threadId }) => threadId)).toEqual([-1]);
});
