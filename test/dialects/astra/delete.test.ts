import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startServer, type TestServer } from '../../support/server.ts';
import { ask } from '../authentik/errors/support/refusal.ts';
import { certificatesOf, makeAccount, UNKNOWN_ID } from './support/accounts.ts';
import { dump, MEDIA_TYPE, problemIn, put, read, stored } from './support/certificates.ts';

let server: TestServer;
let account: string;
beforeAll(async () => {
  server = await startServer();
  account = await makeAccount(server);
});
afterAll(() => server.close());

const remove = (path: string, headers: Record<string, string> = {}, body?: string) =>
  ask(server, { method: 'DELETE', path, headers, body });

test('§3.5: 204 without a body, and afterwards there is none', async () => {
  const { path, id } = await stored(server, account);

  const answer = await remove(path);
  expect([answer.status, answer.text, answer.headers['content-type']]).toEqual([204, '', undefined]);
  problemIn(await ask(server, { method: 'GET', path }), 2);
  problemIn(await put(server, path, {}), 2);
  problemIn(await remove(path), 1);
  expect(await server.database.query('SELECT FROM trust_entries WHERE keypair_id = $1', [id])).toEqual([]);
  expect(await server.database.query('SELECT FROM keypairs WHERE id = $1', [id])).toEqual([]);
});

test('a deletion is an event, told with it', async () => {
  const { path, id } = await stored(server, account);
  expect((await remove(path)).status).toBe(204);

  const events = await server.database.query(
    "SELECT username, action FROM events WHERE model_pk = $1 AND action = 'model_deleted'",
    [id.replaceAll('-', '')],
  );
  expect(events).toEqual([{ username: 'bootstrap', action: 'model_deleted' }]);
});

test.each([
  ['{}', MEDIA_TYPE],
  ['{}', 'application/json'],
  ['', 'application/json'],
  ['{', 'application/json'],
  ['x', 'text/plain'],
])('§8: a body is passed over: %j as %s', async (body, type) => {
  const { path } = await stored(server, account);
  expect((await remove(path, { 'content-type': type }, body)).status).toBe(204);
});

test('an Accept header decides nothing: there is nothing to send', async () => {
  const { path } = await stored(server, account);
  expect((await remove(path, { accept: 'text/html' })).status).toBe(204);
});

test('§9.2: 404 problem 1 for what is not there, or is in another account; it stays', async () => {
  const { id, path } = await stored(server, account);
  problemIn(await remove(`${certificatesOf(account)}/${UNKNOWN_ID}`), 1);
  problemIn(await remove(`${certificatesOf(await makeAccount(server))}/${id}`), 1);
  expect(await read(server, path)).toMatchObject({ id });
});

test('403 problem 11 without the right to delete; query parameters are problem 6; it stays', async () => {
  const { id, path } = await stored(server, account);
  const token = await server.tokenWith(['view_certificatekeypair_certificate'], { reach: [`astra:${account}`] });
  problemIn(await remove(path, { authorization: `Bearer ${token}` }), 11);
  problemIn(await remove(`${path}?force=true`), 6);
  expect(await read(server, path)).toMatchObject({ id });
});

describe('preconditions', () => {
  test.each([
    ['If-Match with another tag', { 'if-match': '"0123456789abcdef0123456789abcdef"' }],
    ['If-Match with what is no tag', { 'if-match': 'x' }],
    ['If-Unmodified-Since a date before', { 'if-unmodified-since': 'Sunday, 06-Nov-94 08:49:37 GMT' }],
    ['If-None-Match: *', { 'if-none-match': '*' }],
  ])('412 problem 38, and it stays: %s', async (_what, headers) => {
    const { id, path } = await stored(server, account);
    problemIn(await remove(path, headers), 38);
    expect(await read(server, path)).toMatchObject({ id });
  });

  test('204 where the tag is that of the resource as it is now, and no longer once it changed', async () => {
    const { path, entityTag } = await stored(server, account);
    expect((await put(server, path, { trustStateDesired: 'untrusted' })).status).toBe(204);
    problemIn(await remove(path, { 'if-match': entityTag }), 38);
    const { headers } = await ask(server, { method: 'GET', path });
    expect((await remove(path, { 'if-match': String(headers.etag) })).status).toBe(204);
  });

  test('of a change and a deletion that came with one tag, one alone is made', async () => {
    for (let round = 0; round < 5; round += 1) {
      const { path, entityTag } = await stored(server, account);
      const headers = { 'if-match': entityTag };
      const [changed, removed] = await Promise.all([
        put(server, path, { trustStateDesired: 'untrusted' }, headers),
        remove(path, headers),
      ]);
      // What is changed is there, and another one; what was deleted before is not.
      expect([
        [204, 412],
        [404, 204],
      ]).toContainEqual([changed.status, removed.status]);
    }
  });
});

test('what is deleted leaves no text behind but in the events', async () => {
  const value = 'label-of-a-deleted-certificate';
  const { path } = await stored(server, account, { metadata: { labels: [{ name: 'n', value }] } });
  expect(await dump(server)).toContain(value);
  await remove(path);
  expect(await dump(server)).not.toContain(value);
});
