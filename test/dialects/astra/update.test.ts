import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startServer, type TestServer } from '../../support/server.ts';
import { ask } from '../authentik/errors/support/refusal.ts';
import { certificatesOf, makeAccount, UNKNOWN_ID } from './support/accounts.ts';
import { base64, certOf, expiryOf, type Fields, pairOf, problemIn, put, read, stored } from './support/certificates.ts';

const EXPIRY = Date.parse(expiryOf(pairOf().certificate));
const OTHER = 'Another Root CA';

let server: TestServer;
let clock: Date | undefined;
let account: string;
beforeAll(async () => {
  server = await startServer({}, undefined, undefined, () => clock ?? new Date());
  account = await makeAccount(server);
});
afterAll(() => server.close());

const metadataOf = (body: Fields) => body['metadata'] as Fields;

async function expectChange(path: string, fields: Fields, headers: Record<string, string> = {}): Promise<Fields> {
  const answer = await put(server, path, fields, headers);
  expect([answer.status, answer.text]).toEqual([204, '']);
  return read(server, path);
}

/** All that a client may say, and not its default. */
const SAID = {
  version: '1.1',
  certUse: 'intermediateCA',
  isSelfSigned: 'true',
  trustStateDesired: 'untrusted',
  metadata: { labels: [{ name: 'site', value: 'lab-7' }] },
};

describe('§3.4: what is absent stays', () => {
  test('204 without a body, a type or a tag; everything but version and who changed it when is as it was', async () => {
    const { path, body } = await stored(server, account, SAID);
    const answer = await put(server, path, {});
    expect([answer.status, answer.text]).toEqual([204, '']);
    expect(answer.headers).not.toHaveProperty('content-type');
    // RFC 9110 §9.3.4: what is stored is not what was sent.
    expect(answer.headers).not.toHaveProperty('etag');

    const changed = await read(server, path);
    const { modificationTimestamp, ...metadata } = metadataOf(changed);
    expect({ ...changed, metadata }).toEqual({
      ...body,
      version: '1.0',
      metadata: expect.objectContaining(metadata),
    });
    expect(Date.parse(String(modificationTimestamp))).toBeGreaterThan(
      Date.parse(String(metadataOf(body)['modificationTimestamp'])),
    );
  });

  test.each([
    ['version', { version: '1.1' }, { version: '1.1' }],
    ['certUse', { certUse: 'intermediateCA' }, { certUse: 'intermediateCA' }],
    ['isSelfSigned', { isSelfSigned: 'true' }, { isSelfSigned: 'true' }],
    ['trust', { trustStateDesired: 'untrusted' }, { trustStateDesired: 'untrusted', trustState: 'untrusted' }],
  ])('%s alone', async (_what, fields, shown) => {
    const { path, body } = await stored(server, account);
    const changed = await expectChange(path, fields);
    expect(changed).toEqual({ ...body, ...shown, metadata: expect.anything() });
  });

  test('the whole of what GET shows can be sent back, and changes nothing', async () => {
    const { path, body } = await stored(server, account, SAID);
    expect(await expectChange(path, body)).toEqual({ ...body, metadata: expect.anything() });
  });
});

describe('§3.4: isSelfSigned', () => {
  const other = () => ({ cert: certOf(OTHER) });
  test.each([
    ['given', 'true', { isSelfSigned: 'false' }, 'false'],
    ['given with a certificate', 'false', { ...other(), isSelfSigned: 'true' }, 'true'],
    ['absent beside a certificate', 'true', other(), 'false'],
    ['absent beside the same certificate', 'true', { cert: certOf() }, 'false'],
    ['absent without one', 'true', { certUse: 'rootCA' }, 'true'],
  ])('%s', async (_what, before, fields, after) => {
    const { path } = await stored(server, account, { isSelfSigned: before });
    expect(await expectChange(path, fields)).toMatchObject({ isSelfSigned: after });
  });
});

test('§7.4: another certificate takes its place; its name and its end follow it', async () => {
  const { path, body } = await stored(server, account, SAID);
  const changed = await expectChange(path, { cert: certOf(OTHER), isSelfSigned: 'true', version: '1.1' });
  expect(changed).toEqual({
    ...body,
    cert: certOf(OTHER),
    cn: OTHER,
    expiryTimestamp: expiryOf(pairOf(OTHER).certificate),
    metadata: expect.anything(),
  });
});

describe('§5: metadata', () => {
  test.each([
    ['without labels keeps them', {}, SAID.metadata.labels],
    ['with labels replaces all of them', { labels: [{ name: 'a', value: 'b' }] }, [{ name: 'a', value: 'b' }]],
    ['with none drops them', { labels: [] }, []],
  ])('%s', async (_what, metadata, labels) => {
    const { path } = await stored(server, account, SAID);
    expect(await expectChange(path, { metadata })).toMatchObject({ metadata: { labels } });
  });

  test('who made it and when stays, whoever changes it and whatever is sent', async () => {
    const { path, body } = await stored(server, account);
    const token = await server.tokenWith(['change_certificatekeypair', 'view_certificatekeypair_certificate'], {
      reach: ['astra'],
    });
    const sent = { createdBy: UNKNOWN_ID, modifiedBy: UNKNOWN_ID, creationTimestamp: '2001-01-01T00:00:00Z' };
    const changed = await expectChange(path, { metadata: sent }, { authorization: `Bearer ${token}` });

    const { createdBy, creationTimestamp } = metadataOf(body);
    expect(changed['metadata']).toMatchObject({ createdBy, creationTimestamp });
    expect([createdBy, UNKNOWN_ID]).not.toContain(metadataOf(changed)['modifiedBy']);
  });
});

test('§9.10: 409 problem 10 for another id; fields that follow from others are passed over', async () => {
  const { path, id, body } = await stored(server, account);
  const answer = await put(server, path, { id: UNKNOWN_ID, trustStateDesired: 'untrusted' });
  expect(problemIn(answer, 10)['invalidFields']).toEqual([{ name: 'id', reason: expect.any(String) }]);
  expect(await read(server, path)).toEqual(body);

  const derived = {
    id,
    cn: 'Somebody else',
    expiryTimestamp: '2001-01-01T00:00:00Z',
    trustState: 'expired',
    trustStateTransitions: [{ from: 'expired', to: ['trusted'] }],
    trustStateDetails: [{ type: 'https://x.test/1', title: 't', detail: 'd', additionalDetails: { a: [1] } }],
  };
  expect(await expectChange(path, derived)).toEqual({ ...body, metadata: expect.anything() });
});

test('problem 9 as in a POST, and nothing is changed', async () => {
  const { path, body } = await stored(server, account);
  const { certificate, privateKey } = pairOf();
  for (const fields of [
    { cert: '' },
    { cert: base64(certificate + privateKey) },
    { metadata: { labels: [{ name: 'a\0', value: '' }] } },
    { metadata: { labels: [{ name: 'a', value: 'x'.repeat(65_536) }] } },
  ]) {
    problemIn(await put(server, path, { ...fields, trustStateDesired: 'untrusted' }), 9);
  }
  expect(await read(server, path)).toEqual(body);
});

describe('preconditions, after the body and before the trust', () => {
  test.each([
    ['If-Match with another tag', () => ({ 'if-match': '"x"' })],
    ['If-Match with a weak tag', (tag: string) => ({ 'if-match': `W/${tag}` })],
    ['If-None-Match with its tag', (tag: string) => ({ 'if-none-match': tag })],
    ['If-None-Match: *', () => ({ 'if-none-match': '*' })],
    ['If-None-Match with what is no tag', () => ({ 'if-none-match': 'x' })],
    ['If-Unmodified-Since a date before', () => ({ 'if-unmodified-since': 'Sun Nov  6 08:49:37 1994' })],
  ])('412 problem 38, and nothing is changed: %s', async (_what, headersFor) => {
    const { path, entityTag, body } = await stored(server, account);
    problemIn(await put(server, path, { trustStateDesired: 'untrusted' }, headersFor(entityTag)), 38);
    expect(await read(server, path)).toEqual(body);
    problemIn(await put(server, path, { cert: '' }, headersFor(entityTag)), 9);
  });

  test.each([
    ['If-Match with its tag', (tag: string) => ({ 'if-match': `"x", ${tag}` })],
    ['If-Match: *', () => ({ 'if-match': '*' })],
    ['an Accept header, which decides nothing', () => ({ accept: 'text/html' })],
    ['If-None-Match with another tag', () => ({ 'if-none-match': '"x"' })],
    ['If-Unmodified-Since what is no date', () => ({ 'if-unmodified-since': '1994-11-06' })],
    [
      'If-Unmodified-Since a date before, beside If-Match',
      (tag: string) => ({ 'if-match': tag, 'if-unmodified-since': 'Sun, 06 Nov 1994 08:49:37 GMT' }),
    ],
  ])('204: %s', async (_what, headersFor) => {
    const { path, entityTag } = await stored(server, account);
    await expectChange(path, { trustStateDesired: 'untrusted' }, headersFor(entityTag));
  });

  test('of two equal PUTs with one tag at the same time, exactly one is told 412', async () => {
    const { path } = await stored(server, account);
    for (let round = 0; round < 20; round += 1) {
      const { headers } = await ask(server, { method: 'GET', path });
      const once = () => put(server, path, { isSelfSigned: 'true' }, { 'if-match': String(headers.etag) });
      const statuses = (await Promise.all([once(), once()])).map(({ status }) => status);
      expect(statuses.sort()).toEqual([204, 412]);
    }
  });
});

describe('§4: trust that can not be', () => {
  const expired = async <T>(run: () => Promise<T>): Promise<T> => {
    clock = new Date(EXPIRY + 1000);
    try {
      return await run();
    } finally {
      clock = undefined;
    }
  };

  test('problem 110 where what is desired of an expired one would change; the rest may', async () => {
    const { path, body } = await stored(server, account);
    await expired(async () => {
      problemIn(await put(server, path, { trustStateDesired: 'untrusted' }), 110);
      problemIn(await put(server, path, { trustStateDesired: 'untrusted' }, { 'if-match': '"x"' }), 38);
      expect(await read(server, path)).toEqual({ ...body, trustState: 'expired' });
      const labels = [{ name: 'seen', value: 'late' }];
      expect(await expectChange(path, { metadata: { labels }, trustStateDesired: 'trusted' })).toMatchObject({
        trustState: 'expired',
        metadata: { labels },
      });
    });
  });

  test('problem 109 where one that broke would be trusted; a certificate that is whole mends it', async () => {
    const { path, id } = await stored(server, account);
    await server.database.query("UPDATE trust_entries SET text_sha256 = sha256('x') WHERE keypair_id = $1", [id]);
    problemIn(await put(server, path, { trustStateDesired: 'trusted' }), 109);
    expect(await read(server, path)).toMatchObject({ trustState: 'untrusted' });
    expect(await expectChange(path, { cert: certOf(OTHER) })).toMatchObject({
      trustState: 'trusted',
      trustStateDetails: [],
    });
  });
});

test('404 problem 2, 403 problem 11 and problem 6 come before the body', async () => {
  const { path } = await stored(server, account);
  const token = await server.tokenWith(['view_certificatekeypair_certificate'], { reach: [`astra:${account}`] });
  const broken = { method: 'PUT', body: '{' };
  problemIn(await ask(server, { ...broken, path: `${certificatesOf(account)}/${UNKNOWN_ID}` }), 2);
  problemIn(await ask(server, { ...broken, path, headers: { authorization: `Bearer ${token}` } }), 11);
  problemIn(await ask(server, { ...broken, path: `${path}?a` }), 6);
  problemIn(await ask(server, { ...broken, path }), 7);
});
