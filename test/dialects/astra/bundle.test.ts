import { createServer, get } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { AccountId } from '../../../src/access/index.ts';
import { OPERATOR } from '../../../src/audit/index.ts';
import { type KeypairId, type NewTrustEntry, readCaCertificate } from '../../../src/keypairs/index.ts';
import { startServer, type TestServer } from '../../support/server.ts';
import { certificatesOf, makeAccount } from './support/accounts.ts';
import { opensslAccepts, opensslAuthority } from './support/authority.ts';
import { expectProblem } from './support/problems.ts';

const NEVER_SEEN = '"00000000000000000000000000000000"';

const [ours, theirs] = [opensslAuthority('Our Root'), opensslAuthority('Their Root')];

let server: TestServer;
let ahead = 0;
beforeAll(async () => {
  server = await startServer({}, undefined, undefined, () => new Date(Date.now() + ahead));
});
afterAll(() => server.close());

const pathOf = (account: AccountId) => `${certificatesOf(account)}/bundle.pem`;
const bundleOf = (account: AccountId, headers = {}) => server.request('GET', pathOf(account), undefined, headers);
const textOf = async (account: AccountId, headers = {}) => (await bundleOf(account, headers)).text();

async function keep(account: AccountId, certificate: string, wanted: Partial<NewTrustEntry> = {}): Promise<KeypairId> {
  const entry = await server.trust.add(OPERATOR, account, {
    certificate: readCaCertificate(Buffer.from(certificate)),
    ...{ use: 'rootCA', statedSelfSigned: true, desired: 'trusted', labels: [], resourceVersion: '1.1' },
    ...wanted,
  });
  return entry.id;
}

function put(account: AccountId, id: KeypairId, change: object): Promise<Response> {
  const body = { type: 'application/astra-certificate', version: '1.1', ...change };
  return server.request('PUT', `${certificatesOf(account)}/${id}`, body);
}

describe('what is in it', () => {
  test('openssl accepts a leaf of a trusted CA by it, and refuses it once the trust is withdrawn', async () => {
    const account = await makeAccount(server);
    const id = await keep(account, ours.certificate);
    await keep(account, theirs.certificate);
    expect(opensslAccepts(ours.leaf.certificate, await textOf(account))).toBe(true);

    expect((await put(account, id, { trustStateDesired: 'untrusted' })).status).toBe(204);
    const withdrawn = await textOf(account);
    expect(opensslAccepts(ours.leaf.certificate, withdrawn)).toBe(false);
    expect(opensslAccepts(theirs.leaf.certificate, withdrawn)).toBe(true);

    expect((await put(account, id, { trustStateDesired: 'trusted' })).status).toBe(204);
    expect(opensslAccepts(ours.leaf.certificate, await textOf(account))).toBe(true);
  });

  test('a client of TLS takes it for its CAs', async () => {
    const account = await makeAccount(server);
    const id = await keep(account, ours.certificate);
    const { certificate: cert, privateKey: key } = ours.leaf;
    const peer = createServer({ cert, key }, (_request, response) => response.end('hello'));
    onTestFinished(() => void peer.close());
    await new Promise<void>((resolve) => peer.listen(0, '127.0.0.1', resolve));
    const { port } = peer.address() as AddressInfo;
    const visit = (ca: string) =>
      new Promise((resolve) => {
        const options = { ca, servername: 'localhost', agent: false };
        get(`https://127.0.0.1:${port}`, options, (response) => resolve(response.resume().statusCode)).on(
          'error',
          (error: NodeJS.ErrnoException) => resolve(error.code),
        );
      });

    expect(await visit(await textOf(account))).toBe(200);
    await put(account, id, { cert: Buffer.from(theirs.certificate).toString('base64') });
    expect(await visit(await textOf(account))).toBe('UNABLE_TO_VERIFY_LEAF_SIGNATURE');
  });

  test('each certificate once, the oldest first, in blocks of their own; not what has expired, nor what is of another account', async () => {
    const [account, other] = [await makeAccount(server), await makeAccount(server)];
    await keep(account, `${theirs.certificate.trim()}`);
    await keep(account, ours.certificate);
    await keep(account, theirs.certificate, { use: 'intermediateCA' });
    await keep(other, theirs.certificate);
    expect(await textOf(account)).toBe(`${theirs.certificate.trim()}\n${ours.certificate.trim()}\n`);
    expect(await textOf(other)).toBe(`${theirs.certificate.trim()}\n`);

    ahead = 31 * 24 * 60 * 60 * 1000;
    try {
      expect(await textOf(account)).toBe('');
    } finally {
      ahead = 0;
    }
  });

  test('whoever holds a right on single certificates is given these alone', async () => {
    const account = await makeAccount(server);
    await keep(account, ours.certificate);
    const id = await keep(account, theirs.certificate);
    const token = await server.tokenWith([`view_certificatekeypair_certificate@${id}`], {
      reach: [`astra:${account}`],
    });
    expect(await textOf(account, { authorization: `Bearer ${token}` })).toBe(theirs.certificate);
  });
});

describe('how it is answered', () => {
  test('200 with nothing in it where nothing is trusted', async () => {
    const account = await makeAccount(server);
    await keep(account, ours.certificate, { desired: 'untrusted' });
    const answer = await bundleOf(account);
    expect([answer.status, answer.headers.get('content-type'), await answer.text()]).toEqual([
      200,
      'application/x-pem-file',
      '',
    ]);
  });

  test('with a strong entity tag, by which it is not sent again until it changes', async () => {
    const account = await makeAccount(server);
    const id = await keep(account, ours.certificate);
    const first = await bundleOf(account);
    const tag = String(first.headers.get('etag'));
    expect(tag).toMatch(/^"[^"]+"$/);
    expect(first.headers.get('cache-control')).toBe('no-cache');

    for (const known of [tag, `W/${tag}`, `${NEVER_SEEN}, ${tag}`, '*']) {
      const again = await bundleOf(account, { 'if-none-match': known });
      expect([known, again.status, await again.text()]).toEqual([known, 304, '']);
      expect([again.headers.get('etag'), again.headers.get('cache-control')]).toEqual([tag, 'no-cache']);
    }
    expect((await bundleOf(account, { 'if-none-match': NEVER_SEEN })).status).toBe(200);
    await expectProblem(server, { method: 'GET', path: pathOf(account), headers: { 'if-match': NEVER_SEEN } }, 38);

    // Of what is not in it nobody needs to know.
    await put(account, id, { metadata: { labels: [{ name: 'a', value: 'b' }] } });
    expect((await bundleOf(account, { 'if-none-match': tag })).status).toBe(304);
    await put(account, id, { trustStateDesired: 'untrusted' });
    const withdrawn = await bundleOf(account, { 'if-none-match': tag });
    expect([withdrawn.status, withdrawn.headers.get('etag') === tag]).toEqual([200, false]);
  });

  test.each(['*/*', 'application/*', 'application/x-pem-file', 'text/plain', 'text/html, text/plain;q=0.1', ''])(
    'Accept: %s is satisfied',
    async (accept) => {
      const answer = await bundleOf(await makeAccount(server), { accept });
      expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'application/x-pem-file']);
    },
  );

  test.each(['application/json', 'text/html', 'application/x-pem-file;q=0', 'application/astra-certificates+json'])(
    '406/32: Accept: %s',
    async (accept) => {
      const account = await makeAccount(server);
      await expectProblem(server, { method: 'GET', path: pathOf(account), headers: { accept } }, 32);
    },
  );

  test('400/6 for any parameter, behind 406', async () => {
    const account = await makeAccount(server);
    const invalidParams = [{ name: 'limit', reason: expect.any(String) }];
    await expectProblem(server, { method: 'GET', path: `${pathOf(account)}?limit=1` }, 6, { invalidParams });
    const headers = { accept: 'text/html' };
    await expectProblem(server, { method: 'GET', path: `${pathOf(account)}?limit=1`, headers }, 32);
  });

  test('401/3, 403/11, and 404/2 for an account out of reach', async () => {
    const [account, other] = [await makeAccount(server), await makeAccount(server)];
    await expectProblem(server, { method: 'GET', path: pathOf(account), headers: { authorization: null } }, 3);
    const token = await server.tokenWith([], { reach: [`astra:${account}`] });
    const headers = { authorization: `Bearer ${token}` };
    await expectProblem(server, { method: 'GET', path: pathOf(account), headers }, 11);
    await expectProblem(server, { method: 'GET', path: pathOf(other), headers }, 2);
  });
});
