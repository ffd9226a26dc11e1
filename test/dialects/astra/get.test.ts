import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startServer, type TestServer } from '../../support/server.ts';
import { ask } from '../authentik/errors/support/refusal.ts';
import { certificatesOf, makeAccount, UNKNOWN_ID } from './support/accounts.ts';
import { expiryOf, MEDIA_TYPE, pairOf, problemIn, read, type Stored, stored } from './support/certificates.ts';

const EXPIRY = Date.parse(expiryOf(pairOf().certificate));

let server: TestServer;
let clock: Date | undefined;
let account: string;
let certificate: Stored;
beforeAll(async () => {
  server = await startServer({}, undefined, undefined, () => clock ?? new Date());
  account = await makeAccount(server);
  certificate = await stored(server, account);
});
afterAll(() => server.close());

const get = (path: string, headers: Record<string, string> = {}, body?: string) =>
  ask(server, { method: 'GET', path, headers, body });

/** Runs something while the server's clock stands still. */
async function at<T>(time: number, run: () => Promise<T>): Promise<T> {
  clock = new Date(time);
  try {
    return await run();
  } finally {
    clock = undefined;
  }
}

test('§3.3: 200 with the resource, its entity tag and when it was changed', async () => {
  const answer = await at(Date.now() + 60_000, () => get(certificate.path));
  const { metadata } = certificate.body as { metadata: { modificationTimestamp: string } };

  expect([answer.status, JSON.parse(answer.text)]).toEqual([200, certificate.body]);
  expect(answer.headers).toMatchObject({
    'content-type': 'application/json',
    etag: certificate.entityTag,
    'last-modified': new Date(metadata.modificationTimestamp).toUTCString(),
  });
});

test.each(['{}', '', '{', 'x'])('§8: a body is passed over: %j', async (body) => {
  expect((await get(certificate.path, { 'content-type': MEDIA_TYPE }, body)).status).toBe(200);
});

test('§1: the own media type where it is asked for; 406 problem 32 for one that there is not', async () => {
  expect((await get(certificate.path, { accept: MEDIA_TYPE })).headers['content-type']).toBe(MEDIA_TYPE);
  problemIn(await get(certificate.path, { accept: 'image/png' }), 32);
});

test('§3.3: query parameters are problem 6, naming each', async () => {
  expect(problemIn(await get(`${certificate.path}?include=cn&limit=1`), 6)['invalidParams']).toEqual([
    { name: 'include', reason: expect.any(String) },
    { name: 'limit', reason: expect.any(String) },
  ]);
});

test('§9.1: 404 problem 2 for what is not there, or is in another account, or is not seen', async () => {
  const other = await stored(server, account);
  const grant = `view_certificatekeypair_certificate@${other.id}`;
  const token = await server.tokenWith([grant], { reach: ['astra'] });
  const elsewhere = certificatesOf(await makeAccount(server));

  problemIn(await get(`${certificatesOf(account)}/${UNKNOWN_ID}`), 2);
  problemIn(await get(`${elsewhere}/${certificate.id}`), 2);
  problemIn(await get(certificate.path, { authorization: `Bearer ${token}` }), 2);
  expect((await get(other.path, { authorization: `Bearer ${token}` })).status).toBe(200);
});

test('to be shown a certificate is no event: it is a CA’s, and public', async () => {
  await get(certificate.path);
  await get(certificatesOf(account));
  await get(`${certificatesOf(account)}/bundle.pem`);
  expect(await server.database.query("SELECT FROM events WHERE action = 'secret_view'")).toEqual([]);
  expect(await server.database.query("SELECT FROM events WHERE action = 'model_created'")).not.toEqual([]);
});

describe('conditional requests (RFC 9110 §13)', () => {
  const tag = () => certificate.entityTag;

  test.each([
    ['the tag', () => tag()],
    ['a weak one', () => `W/${tag()}`],
    ['a list', () => `"x,y", ,W/"z",${tag()}`],
    ['any', () => '*'],
  ])('304 without a body, and with the tag: If-None-Match with %s', async (_what, value) => {
    const answer = await get(certificate.path, { 'if-none-match': value() });
    expect([answer.status, answer.text, answer.headers.etag]).toEqual([304, '', tag()]);
    expect(answer.headers['content-type']).toBeUndefined();
  });

  test.each([
    ['another tag', () => ({ 'if-none-match': '"x"' })],
    ['what is no tag', () => ({ 'if-none-match': tag().replaceAll('"', '') })],
    // §13.1.3: not looked at beside If-None-Match.
    ['another tag, whatever the date', () => ({ 'if-none-match': '"x"', 'if-modified-since': ahead() })],
    ['a date before', () => ({ 'if-modified-since': 'Sun, 06 Nov 1994 08:49:37 GMT' })],
    ['what is no date', () => ({ 'if-modified-since': '2999-01-01' })],
    ['If-Match of it', () => ({ 'if-match': tag() })],
  ])('200 for %s', async (_what, headers) => {
    expect((await get(certificate.path, headers())).status).toBe(200);
  });

  const ahead = () => new Date(Date.now() + 3_600_000).toUTCString();

  test('304 since the date that an answer told; 412 problem 38 where it has to be another one', async () => {
    const { headers } = await at(Date.now() + 60_000, () => get(certificate.path));
    const since = String(headers['last-modified']);

    const answer = await get(certificate.path, { 'if-modified-since': since });
    expect([answer.status, answer.text, answer.headers.etag]).toEqual([304, '', tag()]);
    problemIn(await get(certificate.path, { 'if-match': '"x"' }), 38);
    problemIn(await get(certificate.path, { 'if-unmodified-since': 'Sun, 06 Nov 1994 08:49:37 GMT' }), 38);
  });

  test('an answer never tells a date ahead of the clock (§8.8.2.1)', async () => {
    const headersAt = async (time: number) => (await at(time, () => get(certificate.path))).headers;
    expect(await headersAt(Date.now() - 3_600_000)).not.toHaveProperty('last-modified');
    expect(await headersAt(Date.now() + 3_600_000)).toHaveProperty('last-modified');
  });
});

describe('§4: states are seen at read time', () => {
  test('expired from the instant after the last of its validity, which is another representation', async () => {
    const { path, entityTag } = await stored(server, account);
    const known = { 'if-none-match': entityTag };
    const since = { 'if-modified-since': new Date(EXPIRY).toUTCString() };
    await at(EXPIRY, async () => {
      expect(await read(server, path)).toMatchObject({ trustState: 'trusted' });
      expect((await get(path, known)).status).toBe(304);
      expect((await get(path, since)).status).toBe(304);
    });
    await at(EXPIRY + 1, async () => {
      expect(await read(server, path)).toMatchObject({
        trustState: 'expired',
        trustStateDesired: 'trusted',
        trustStateDetails: [],
      });
      expect((await get(path, known)).status).toBe(200);
      expect((await get(path, since)).status).toBe(200);
    });
    const later = await at(EXPIRY + 5_000, () => get(path));
    expect(later.headers['last-modified']).toBe(new Date(EXPIRY + 1000).toUTCString());
  });

  test('a certificate that has expired already is taken, and is expired from the start', async () => {
    const expired = { trustState: 'expired', trustStateDesired: 'trusted' };
    const { path, body } = await at(EXPIRY + 1, () => stored(server, account));
    expect(body).toMatchObject(expired);
    expect(await at(EXPIRY + 2, () => read(server, path))).toMatchObject(expired);
  });

  test('untrusted, and why, where the stored certificate is not the one that was stored', async () => {
    const { id, path, entityTag } = await stored(server, account);
    await server.database.query("UPDATE trust_entries SET text_sha256 = sha256('x') WHERE keypair_id = $1", [id]);

    const answer = await at(Date.now() + 3_600_000, () =>
      get(path, { 'if-none-match': entityTag, 'if-modified-since': new Date(EXPIRY).toUTCString() }),
    );
    expect(answer.status).toBe(200);
    expect(JSON.parse(answer.text)).toMatchObject({
      trustState: 'untrusted',
      trustStateDesired: 'trusted',
      trustStateDetails: [
        {
          type: expect.stringMatching(/^https:\/\/astra\.netapp\.io\//),
          title: 'Certificate not trusted',
          detail: expect.stringContaining('data integrity violation'),
        },
      ],
    });
    // Nobody knows when that was, so no date may say that nothing has changed.
    expect(answer.headers).not.toHaveProperty('last-modified');
    expect((await get(path, { 'if-modified-since': new Date(EXPIRY).toUTCString() })).status).toBe(200);
  });
});
