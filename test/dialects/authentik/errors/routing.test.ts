import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PAIRS, startServer, type TestServer } from '../../../support/server.ts';
import { type Pair, storePair } from './support/material.ts';
import {
  ALLOW,
  ask,
  expectRefusal,
  methodNotAllowed,
  NO_SUCH_PAIR,
  NOT_FOUND,
  stored,
  UNKNOWN_ID,
} from './support/refusal.ts';

let server: TestServer;
let pair: Pair;
beforeAll(async () => {
  server = await startServer();
  pair = await storePair(server, 'stored');
});
afterAll(() => server.close());

/** Everything that is looked up by an id. Bodies are unsound: the pair is looked up before they are. */
const BY_ID = [
  ['GET', '', ALLOW.detail, undefined],
  ['PUT', '', ALLOW.detail, {}],
  ['PATCH', '', ALLOW.detail, { name: '' }],
  ['DELETE', '', ALLOW.detail, undefined],
  ['GET', 'view_certificate/', ALLOW.view, undefined],
  ['GET', 'view_certificate/?download', ALLOW.view, undefined],
  ['GET', 'view_private_key/', ALLOW.view, undefined],
  ['GET', 'view_private_key/?download', ALLOW.view, undefined],
  ['GET', 'used_by/', ALLOW.view, undefined],
] as const;

describe.each(BY_ID)('§1.8: %s {uuid}/%s', (method, route, allow, body) => {
  test.each([
    ['', UNKNOWN_ID],
    [' in capital letters', 'ABCDEF00-0000-4000-8000-00000000000F'],
    [' without dashes', UNKNOWN_ID.replaceAll('-', '')],
    [' in braces', `%7B${UNKNOWN_ID}%7D`],
    [' as a URN', `urn:uuid:${UNKNOWN_ID}`],
    [" as Python's int reads it", `0x_${UNKNOWN_ID.replaceAll('-', '').slice(4)}%0A`],
  ])('says of an unknown id%s that no pair matches', async (_form, id) => {
    const path = `${PAIRS}${id}/${route}`;
    await expectRefusal(server, { method, path, body }, { status: 404, body: NO_SUCH_PAIR, allow });
  });

  test.each([
    ['a word', 'not-a-uuid'],
    ['a digit too few', UNKNOWN_ID.slice(1)],
    ['a digit too many', `${UNKNOWN_ID}0`],
    ['a letter that is no digit', UNKNOWN_ID.replace('4', 'g')],
    ['a number', '1'],
    ['a blank', '%20'],
    ['U+0000', '%00'],
    ['a line feed', '%0A'],
    ['letters beyond ASCII', '%C3%A4'],
    ['bytes that are no UTF-8', '%FF%C3'],
    ['thousands of braces, which a careless pattern would go through again and again', `${'%7B'.repeat(4000)}x`],
    ['SQL', "'%20OR%201=1--"],
    ['4,000 digits', '0'.repeat(4000)],
  ])('says of %s in place of an id that it is not found', async (_what, id) => {
    const path = `${PAIRS}${id}/${route}`;
    await expectRefusal(server, { method, path, body }, { status: 404, body: NOT_FOUND, allow });
  });
});

describe('§3: a pair that was deleted', () => {
  test.each(BY_ID)('is unknown to %s {uuid}/%s', async (method, route, allow, body) => {
    const own = await storePair(server, 'deleted');
    expect((await ask(server, { method: 'DELETE', path: `${PAIRS}${own.id}/` })).status).toBe(204);

    const path = `${PAIRS}${own.id}/${route}`;
    await expectRefusal(server, { method, path, body }, { status: 404, body: NO_SUCH_PAIR, allow });
  });
});

/** The routes of §1 with all the methods that they lack. */
const WRONG_METHODS = [
  ['', ALLOW.list, ['PUT', 'PATCH', 'DELETE', 'TRACE']],
  ['generate/', ALLOW.generate, ['GET', 'PUT', 'PATCH', 'DELETE', 'TRACE']],
  ['{id}/', ALLOW.detail, ['POST', 'TRACE']],
  ['{id}/view_certificate/', ALLOW.view, ['POST', 'PUT', 'PATCH', 'DELETE', 'TRACE']],
  ['{id}/view_private_key/', ALLOW.view, ['POST', 'PUT', 'PATCH', 'DELETE', 'TRACE']],
  ['{id}/used_by/', ALLOW.view, ['POST', 'PUT', 'PATCH', 'DELETE', 'TRACE']],
] as const;

const METHOD_ROWS = WRONG_METHODS.flatMap(([route, allow, methods]) =>
  methods.flatMap((method) => {
    const ids = route.includes('{id}') ? ['a stored', 'an unknown', 'a malformed'] : ['any'];
    return ids.map((id) => [method, route, id, allow] as const);
  }),
);

function idOf(which: string): string {
  return which === 'a stored' ? pair.id : which === 'an unknown' ? UNKNOWN_ID : 'not-a-uuid';
}

describe('§1.8: a method that a route lacks is not allowed:', () => {
  test.each(METHOD_ROWS)('%s %s with %s id', async (method, route, which, allow) => {
    const path = PAIRS + route.replace('{id}', idOf(which));
    // Node refuses to send a body with TRACE.
    const body = method === 'TRACE' ? undefined : { name: 'changed' };
    await expectRefusal(server, { method, path, body }, { status: 405, body: methodNotAllowed(method), allow });
  });

  test('not even where the body is no JSON', async () => {
    const asking = { method: 'PUT', path: PAIRS, body: '{', headers: { 'content-type': 'text/plain' } };
    await expectRefusal(server, asking, { status: 405, body: methodNotAllowed('PUT'), allow: ALLOW.list });
  });

  test('HEAD generate/, without a body', async () => {
    const answer = await ask(server, { method: 'HEAD', path: `${PAIRS}generate/` });
    expect(answer).toMatchObject({ status: 405, text: '', headers: { allow: ALLOW.generate } });
  });
});

describe('§1.8: HEAD is refused as GET is, without a body:', () => {
  test.each([
    ['an unknown pair', `${UNKNOWN_ID}/`, {}, 404],
    ['a malformed id', 'not-a-uuid/', {}, 404],
    ['an unknown pair’s certificate', `${UNKNOWN_ID}/view_certificate/`, {}, 404],
    ['an unknown pair’s private key', `${UNKNOWN_ID}/view_private_key/?download`, {}, 404],
    ['an unknown pair’s users', `${UNKNOWN_ID}/used_by/`, {}, 404],
    ['a page that there is not', '?page=0', {}, 404],
    ['a type of key that there is not', '?key_type=nope', {}, 400],
    ['another media type', '', { accept: 'text/html' }, 406],
    ['another format', '?format=api', {}, 404],
    ['an invalid token', '', { authorization: 'Bearer nope' }, 403],
    ['nobody', '', { authorization: null }, 403],
  ])('%s', async (_what, route, headers, status) => {
    const asking = { path: PAIRS + route, headers };
    const got = await ask(server, { ...asking, method: 'GET' });
    const answer = await ask(server, { ...asking, method: 'HEAD' });

    expect(got.status).toBe(status);
    expect(answer).toMatchObject({ status, text: '' });
    expect(answer.headers['content-type']).toBe('application/json');
    expect(answer.headers.allow).toBe(got.headers.allow);
  });
});

describe('§1.8: what is no path is answered with a page, whatever the method:', () => {
  const PATHS: readonly (readonly [what: string, path: () => string])[] = [
    ['the list without its slash', () => PAIRS.slice(0, -1)],
    ['the list without its slash, with a query', () => `${PAIRS.slice(0, -1)}?page=1`],
    ['the list with two slashes', () => `${PAIRS}/`],
    ['two slashes in the middle', () => PAIRS.replace('crypto/', 'crypto//')],
    ['two slashes in front', () => `/${PAIRS}`],
    ['the list in capital letters', () => PAIRS.toUpperCase()],
    ['generate without its slash', () => `${PAIRS}generate`],
    ['a pair without its slash', () => `${PAIRS}${pair.id}`],
    ['a view without its slash', () => `${PAIRS}${pair.id}/view_certificate`],
    ['something else of a pair', () => `${PAIRS}${pair.id}/nope/`],
    ['something behind a view', () => `${PAIRS}${pair.id}/used_by/nope/`],
    ['something behind generate', () => `${PAIRS}generate/nope/`],
    ['an id with a dot', () => `${PAIRS}a.b/`],
    ['an id with an encoded dot', () => `${PAIRS}a%2Eb/`],
    ['an id with an encoded slash', () => `${PAIRS}a%2Fb/`],
    ['something else of the API', () => '/api/v3/nope/'],
    ['something outside the API', () => '/nope/'],
    ['another version of the API', () => PAIRS.replace('v3', 'v2')],
  ];

  describe.each(['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])('%s', (method) => {
    test.each(PATHS)('%s', async (_what, path) => {
      const before = await stored(server);
      const body = ['POST', 'PUT', 'PATCH'].includes(method) ? { name: 'new' } : undefined;
      const answer = await ask(server, { method, path: path(), body, headers: { accept: 'application/json' } });

      expect({ status: answer.status, type: answer.headers['content-type'] }).toEqual({
        status: 404,
        type: 'text/html; charset=utf-8',
      });
      expect(answer.text).toMatch(/^<!doctype html>[\s\S]*<\/html>\n$/i);
      expect(answer.headers.location).toBeUndefined();
      expect(await stored(server)).toEqual(before);
    });
  });

  test.each([
    ['without a token', { authorization: null }],
    ['with an invalid token', { authorization: 'Bearer nope' }],
  ])('also %s', async (_what, headers) => {
    const answer = await ask(server, { method: 'GET', path: '/api/v3/nope/', headers });
    expect(answer).toMatchObject({ status: 404, headers: { 'content-type': 'text/html; charset=utf-8' } });
  });

  test('without the page for HEAD', async () => {
    expect(await ask(server, { method: 'HEAD', path: '/api/v3/nope/' })).toMatchObject({ status: 404, text: '' });
  });
});
