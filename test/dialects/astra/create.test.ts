import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openssl } from '../../support/openssl.ts';
import { startServer, type TestServer } from '../../support/server.ts';
import { ask } from '../authentik/errors/support/refusal.ts';
import { certificatesOf, makeAccount } from './support/accounts.ts';
import { opensslAuthority } from './support/authority.ts';
import {
  base64,
  certOf,
  dump,
  expiryOf,
  type Fields,
  MEDIA_TYPE,
  newBody,
  pairOf,
  problemIn,
  read,
  stored,
  TYPE,
} from './support/certificates.ts';

let server: TestServer;
let account: string;
beforeAll(async () => {
  server = await startServer();
  account = await makeAccount(server);
});
afterAll(() => server.close());

const post = (fields: Fields, headers: Record<string, string> = {}) =>
  ask(server, { method: 'POST', path: certificatesOf(account), body: newBody(fields), headers });

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const SECONDS = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;

test('§3.2: 201 with the whole resource, its defaults, Location and a quoted MD5 of it', async () => {
  const answer = await post({});
  const body = JSON.parse(answer.text) as Fields & { id: string; metadata: { creationTimestamp: string } };

  expect(answer.status).toBe(201);
  expect(body).toEqual({
    type: TYPE,
    version: '1.0',
    id: expect.stringMatching(UUID),
    certUse: 'rootCA',
    cert: certOf(),
    cn: 'Lab Seven Root CA',
    expiryTimestamp: expiryOf(pairOf().certificate),
    isSelfSigned: 'false',
    trustState: 'trusted',
    trustStateTransitions: [
      { from: 'untrusted', to: ['trusted'] },
      { from: 'trusted', to: ['untrusted'] },
    ],
    trustStateDesired: 'trusted',
    trustStateDetails: [],
    metadata: {
      labels: [],
      creationTimestamp: expect.stringMatching(SECONDS),
      modificationTimestamp: body.metadata.creationTimestamp,
      createdBy: expect.stringMatching(UUID),
      modifiedBy: expect.stringMatching(UUID),
    },
  });
  expect(answer.headers['content-type']).toBe('application/json');
  expect(answer.headers.location).toBe(`${server.url}${certificatesOf(account)}/${body.id}`);
  const md5 = openssl(['dgst', '-md5', '-r'], answer.text).split(' ')[0];
  expect(answer.headers.etag).toBe(`"${md5}"`);
  const shown = await ask(server, { method: 'GET', path: `${certificatesOf(account)}/${body.id}` });
  expect([shown.text, shown.headers.etag]).toEqual([answer.text, answer.headers.etag]);
});

test('§2: all that a client may say is kept as it was said', async () => {
  const said = {
    version: '1.1',
    certUse: 'intermediateCA',
    isSelfSigned: 'true',
    trustStateDesired: 'untrusted',
  };
  const labels = [
    { name: 'site', value: 'lab-7' },
    { value: '', name: 'été 🔑' },
  ];
  const times = { creationTimestamp: '2020-01-01T00:00:00.5Z', createdBy: '00000000-0000-0000-0000-000000000000' };
  const { path } = await stored(server, account, { ...said, metadata: { labels, ...times } });

  const body = await read(server, path);
  expect(body).toMatchObject({ ...said, trustState: 'untrusted', metadata: { labels } });
  // The service is in charge of these.
  expect(body['metadata']).not.toMatchObject({ creationTimestamp: expect.stringContaining('2020') });
  expect(body['metadata']).not.toMatchObject({ createdBy: times.createdBy });
});

test('§3.2: the same certificate twice is two resources', async () => {
  const [first, second] = [await stored(server, account), await stored(server, account)];
  expect(first.id).not.toBe(second.id);
});

test('§9.8: what the client says of a certificate is kept, whatever the certificate says', async () => {
  const { leaf } = opensslAuthority('Some Root');
  const said = { cert: base64(leaf.certificate), certUse: 'rootCA', isSelfSigned: 'true' };
  expect((await stored(server, account, said)).body).toMatchObject({ ...said, cn: 'localhost', trustState: 'trusted' });
});

test('§9.7: DER is taken, and shown as PEM', async () => {
  const pem = pairOf().certificate;
  const der = Buffer.from(pem.replaceAll(/-----[^-]+-----|\s/g, ''), 'base64');
  const { body } = await stored(server, account, { cert: base64(der) });

  expect(Buffer.from(String(body['cert']), 'base64').toString().trim()).toBe(pem.trim());
});

describe('§1: the answer is in the type that Accept asks for', () => {
  test.each([
    ['*/*', 'application/json'],
    ['application/json', 'application/json'],
    [MEDIA_TYPE, MEDIA_TYPE],
  ])('%s: %s', async (accept, type) => {
    const answer = await post({}, { accept, 'content-type': MEDIA_TYPE });
    expect([answer.status, answer.headers['content-type']]).toEqual([201, type]);
  });

  test('406 problem 32 for another one, and nothing is stored', async () => {
    const count = async () => (await server.database.query('SELECT FROM keypairs')).length;
    const before = await count();
    problemIn(await post({}, { accept: 'text/html' }), 32);
    expect(await count()).toBe(before);
  });
});

describe('Location', () => {
  test('is the path alone where the request names no host that an URL could be built on', async () => {
    const answer = await post({}, { host: 'a b<script>' });
    expect([answer.status, answer.headers.location]).toEqual([201, expect.stringMatching(/^\/accounts\/[-0-9a-f]+\//)]);
  });

  test('is what the client asked for, as a declared proxy tells it', async () => {
    const behind = await startServer(
      {
        kek: server.kek,
        bootstrapToken: server.token,
        exposure: {
          trustedProxies: ['127.0.0.1'],
          corsOrigins: [],
          rateLimits: { token: 0, address: 0, failedLogins: 0 },
        },
      },
      server.database,
    );
    try {
      const headers = { 'x-forwarded-proto': 'https', 'x-forwarded-host': 'astra.example.test' };
      const asking = { method: 'POST', path: certificatesOf(account), body: newBody(), headers };
      expect((await ask(behind, asking)).headers.location).toMatch(
        new RegExp(`^https://astra\\.example\\.test${certificatesOf(account)}/[-0-9a-f]{36}$`),
      );
      expect((await ask(server, asking)).headers.location).toMatch(`${server.url}/`);
    } finally {
      await behind.close();
    }
  });
});

const withoutName = () => {
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', '/dev/null'];
  return openssl(['req', '-x509', ...key, '-subj', '/O=Nobody', '-days', '1']);
};

describe('problem 9: what decodes and is not one certificate with a name', () => {
  test.each([
    ['nothing', () => '', 'no X.509 certificate'],
    ['text', () => base64('no certificate'), 'no X.509 certificate'],
    ['a broken block', () => base64('-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n'), 'no X.509'],
    ['two certificates', () => base64(pairOf().certificate + pairOf('Another').certificate), 'more than one'],
    ['a subject without a common name', () => base64(withoutName()), 'no common name'],
  ])('%s', async (_what, cert, says) => {
    const answer = await post({ cert: cert() });
    expect(problemIn(answer, 9)['invalidFields']).toEqual([{ name: 'cert', reason: expect.stringContaining(says) }]);
  });

  test('a private key beside it: nothing of it is stored or logged', async () => {
    const { certificate, privateKey } = pairOf('With A Key');
    for (const text of [certificate + privateKey, privateKey + certificate, privateKey]) {
      const answer = await post({ cert: base64(text) });
      expect(problemIn(answer, 9)['invalidFields']).toEqual([
        { name: 'cert', reason: expect.stringContaining('private key') },
      ]);
      const secret = privateKey.split('\n')[1] ?? '';
      expect(answer.text).not.toContain(secret);
    }
    const all = await dump(server);
    const lines = privateKey.split('\n').slice(1, -2);
    expect(lines.length).toBeGreaterThan(1);
    for (const line of [...lines, base64(privateKey).slice(40, 100), 'With A Key']) {
      expect(all).not.toContain(line);
      expect(JSON.stringify(server.log())).not.toContain(line);
    }
  });
});

describe('labels', () => {
  const labelOf = (length: number) => [{ name: 'n', value: 'v'.repeat(length) }];
  /** Of one label's JSON, beside its value. */
  const REST = '[{"name":"n","value":""}]'.length;

  test('problem 9 over 16,384 bytes of their JSON, in UTF-8; up to there they are kept', async () => {
    const atLimit = labelOf(16_384 - REST);
    const { path } = await stored(server, account, { metadata: { labels: atLimit } });
    expect(await read(server, path)).toMatchObject({ metadata: { labels: atLimit } });

    const umlauts = [{ name: 'n', value: 'ü'.repeat(32_768) }];
    for (const labels of [labelOf(65_537 - REST), umlauts, labelOf(1_000_000)]) {
      const answer = await post({ metadata: { labels } });
      expect(problemIn(answer, 9)['invalidFields']).toEqual([
        { name: 'metadata.labels', reason: expect.stringContaining('16384 bytes') },
      ]);
    }
  });

  test.each([
    ['a\0b', ''],
    ['', 'a\0b'],
    ['\ud800', ''],
    ['', 'x\udc00y'],
    // Side by side they are a key.
    ['\ud83d', '\udd11'],
  ])('problem 9 for text that is none: %j, %j', async (name, value) => {
    expect(problemIn(await post({ metadata: { labels: [{ name, value }] } }), 9)['invalidFields']).toEqual([
      { name: 'metadata.labels', reason: expect.any(String) },
    ]);
  });
});

test('the checks follow each other: Accept, Content-Type, query, body', async () => {
  const wrong = { accept: 'text/html', 'content-type': 'text/plain' };
  const path = `${certificatesOf(account)}?a=1`;
  const asking = { method: 'POST', path, body: '{', headers: wrong };
  problemIn(await ask(server, asking), 32);
  problemIn(await ask(server, { ...asking, headers: { 'content-type': 'text/plain' } }), 12);
  expect(problemIn(await ask(server, { ...asking, headers: {} }), 6)['invalidParams']).toEqual([
    { name: 'a', reason: expect.any(String) },
  ]);
  problemIn(await ask(server, { ...asking, path: certificatesOf(account), headers: {} }), 7);
});

test('403 problem 11: who only sees does not add', async () => {
  const token = await server.tokenWith(['view_certificatekeypair_certificate'], { reach: [`astra:${account}`] });
  problemIn(await post({}, { authorization: `Bearer ${token}` }), 11);
});
