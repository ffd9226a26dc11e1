import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { PAIRS, startServer, type TestServer } from '../../../support/server.ts';
import { type Pair, storePair } from './support/material.ts';
import {
  ALLOW,
  ask,
  expectRefusal,
  methodNotAllowed,
  NO_CREDENTIALS,
  NO_PERMISSION,
  TOKEN_INVALID,
  UNKNOWN_ID,
} from './support/refusal.ts';

let server: TestServer;
let pair: Pair;
beforeAll(async () => {
  server = await startServer();
  pair = await storePair(server, 'stored');
});
afterAll(() => server.close());

const list = { method: 'GET', path: PAIRS };

describe('§2: credentials were not provided', () => {
  test.each([
    ['without an Authorization header', () => null],
    ['by an empty one', () => ''],
    ['by a bearer without a token', () => 'Bearer'],
    ['by a bearer without a token, with a blank', () => 'Bearer '],
    ['by a token without its scheme', () => server.token],
    ['by a token right behind its scheme', () => `Bearer${server.token}`],
    ['by a token behind a tab', () => `Bearer\t${server.token}`],
    ['by a token behind a colon', () => `Bearer: ${server.token}`],
    ['by another scheme', () => `Token ${server.token}`],
    ['by Basic', () => `Basic ${Buffer.from(`akadmin:${server.token}`).toString('base64')}`],
    ['by Digest', () => 'Digest username="akadmin"'],
    ['by another scheme before the bearer', () => `Token x, Bearer ${server.token}`],
  ])('%s', async (_what, authorization) => {
    const asking = { ...list, headers: { authorization: authorization() } };
    await expectRefusal(server, asking, { status: 403, body: NO_CREDENTIALS, allow: ALLOW.list });
  });

  test.each(['?token=', '?access_token=', '?authorization=Bearer%20'])('by a token in the query: %s', async (query) => {
    const asking = { method: 'GET', path: PAIRS + query + server.token, headers: { authorization: null } };
    await expectRefusal(server, asking, { status: 403, body: NO_CREDENTIALS });
  });

  test('by a cookie, for there are no sessions', async () => {
    const headers = { authorization: null, cookie: `authentik_session=${server.token}` };
    await expectRefusal(server, { ...list, headers }, { status: 403, body: NO_CREDENTIALS });
  });
});

describe('§2: a token is invalid', () => {
  test.each([
    ['that nobody made', () => 'nope'],
    ['behind two blanks', () => ` ${server.token}`],
    ['with something behind it', () => `${server.token} x`],
    ['with a comma behind it', () => `${server.token},`],
    ['that is cut short', () => server.token.slice(0, -1)],
    ['with a character more', () => `${server.token}x`],
    ['in other letter case', () => server.token.toUpperCase()],
    ['in quotes', () => `"${server.token}"`],
    ['of two', () => `${server.token}, Bearer ${server.token}`],
    ['of 10,000 characters', () => 'x'.repeat(10_000)],
    ['of a wildcard', () => '%'],
    // The original answers 500, which is no answer to a client's mistake.
    ['that is no UTF-8', () => '\xff\xfe'],
  ])('%s', async (_what, token) => {
    const asking = { ...list, headers: { authorization: `Bearer ${token()}` } };
    await expectRefusal(server, asking, { status: 403, body: TOKEN_INVALID, allow: ALLOW.list });
  });

  test.each(['bearer', 'BEARER', 'bEARER'])(
    'behind the scheme %s too, whose letter case does not matter',
    async (scheme) => {
      const asking = { ...list, headers: { authorization: `${scheme} nope` } };
      await expectRefusal(server, asking, { status: 403, body: TOKEN_INVALID });
      expect((await ask(server, { ...list, headers: { authorization: `${scheme} ${server.token}` } })).status).toBe(
        200,
      );
    },
  );
});

describe('§2: a token is invalid once it', () => {
  test.each([
    [
      'has expired',
      "UPDATE tokens SET expires_at = now() - interval '1 second'",
      'UPDATE tokens SET expires_at = NULL',
    ],
    ['was revoked', 'UPDATE tokens SET revoked_at = now()', 'UPDATE tokens SET revoked_at = NULL'],
  ])('%s', async (_what, spoil, mend) => {
    // Of its own: to one that has seen the token work, it is good for up to five seconds more.
    const own = await startServer();
    onTestFinished(() => own.close());
    await own.database.query(spoil);
    await expectRefusal(own, list, { status: 403, body: TOKEN_INVALID });
    await own.database.query(mend);
    expect((await ask(own, list)).status).toBe(200);
  });
});

const EVERY_METHOD = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE'] as const;
const ROUTES = [
  ['', ALLOW.list],
  ['generate/', ALLOW.generate],
  ['{id}/', ALLOW.detail],
  ['{id}/view_certificate/', ALLOW.view],
  ['{id}/view_certificate/?download', ALLOW.view],
  ['{id}/view_private_key/', ALLOW.view],
  ['{id}/view_private_key/?download', ALLOW.view],
  ['{id}/used_by/', ALLOW.view],
] as const;

const IDS = ['a stored', 'an unknown', 'a malformed'] as const;

/** Every route with every id that there may be in it. */
const CASES = ROUTES.flatMap(([route, allow]) =>
  (route.includes('{id}') ? IDS : (['any'] as const)).map((id) => [route, id, allow] as const),
);

function pathOf(route: string, which: string): string {
  const id = which === 'a stored' ? pair.id : which === 'an unknown' ? UNKNOWN_ID : 'not-a-uuid';
  return PAIRS + route.replace('{id}', id);
}

/** A body that would be stored, had the caller the right to. */
function soundBody(method: string): unknown {
  if (!['POST', 'PUT', 'PATCH'].includes(method)) {
    return undefined;
  }
  const fields = { common_name: randomUUID(), validity_days: 1, alg: 'ecdsa' };
  return { ...fields, name: randomUUID(), certificate_data: pair.certificate, key_data: '' };
}

describe.each(CASES)('§2.1 rule 1: %s with %s id is not for an invalid token', (route, which, allow) => {
  test.each(EVERY_METHOD)('by %s', async (method) => {
    const headers = { authorization: 'Bearer nope' };
    const asking = { method, path: pathOf(route, which), body: soundBody(method), headers };
    await expectRefusal(server, asking, { status: 403, body: TOKEN_INVALID, allow });
  });
});

describe.each(CASES.filter(([route]) => /^$|generate|view_/.test(route)))(
  '§2.1 rule 2: %s with %s id asks nobody for credentials',
  (route, which, allow) => {
    test.each(EVERY_METHOD)('by %s', async (method) => {
      const headers = { authorization: null };
      const asking = { method, path: pathOf(route, which), body: soundBody(method), headers };
      await expectRefusal(server, asking, { status: 403, body: NO_CREDENTIALS, allow });
    });
  },
);

describe.each(IDS)('§2.1 rule 2: nobody learns of %s id', (which) => {
  test.each([
    ['GET', '{id}/', ALLOW.detail],
    ['PUT', '{id}/', ALLOW.detail],
    ['PATCH', '{id}/', ALLOW.detail],
    ['DELETE', '{id}/', ALLOW.detail],
    ['GET', '{id}/used_by/', ALLOW.view],
  ] as const)('more by %s %s than that it is not permitted', async (method, route, allow) => {
    const asking = { method, path: pathOf(route, which), headers: { authorization: null } };
    const refusal = { status: 403, body: NO_PERMISSION, allow };
    await expectRefusal(server, { ...asking, body: soundBody(method) }, refusal);
    await expectRefusal(server, { ...asking, path: `${asking.path}?key_type=nope` }, refusal);
  });

  test.each([
    ['POST', '{id}/', ALLOW.detail],
    ['TRACE', '{id}/', ALLOW.detail],
    ['POST', '{id}/used_by/', ALLOW.view],
    ['DELETE', '{id}/used_by/', ALLOW.view],
  ] as const)('by %s %s, which is not allowed to anybody (rule 8)', async (method, route, allow) => {
    const headers = { authorization: null };
    const asking = { method, path: pathOf(route, which), body: soundBody(method), headers };
    await expectRefusal(server, asking, { status: 405, body: methodNotAllowed(method), allow });
  });

  test('by OPTIONS, which is as for every id (rule 9)', async () => {
    const asking = { method: 'OPTIONS', path: pathOf('{id}/', which), headers: { authorization: null } };
    const answer = await ask(server, asking);
    expect(answer).toMatchObject({ status: 200, headers: { allow: ALLOW.detail } });
    expect(Object.keys(JSON.parse(answer.text))).toEqual(['name', 'description', 'renders', 'parses']);
  });
});

describe('§2: nobody is told', () => {
  test.each([
    ['what is wrong with a body', 'POST', '', '{'],
    ['what is wrong with a type', 'POST', 'generate/', 'x'],
    ['what is wrong with a page', 'GET', '?page=0', undefined],
    ['what is wrong with a filter', 'GET', '?key_type=nope&search=%00', undefined],
    ['which names are taken', 'POST', '', { name: 'stored', certificate_data: 'bad' }],
  ] as const)('%s', async (_what, method, route, body) => {
    const asking = { method, path: PAIRS + route, body, headers: { authorization: null } };
    await expectRefusal(server, asking, { status: 403, body: NO_CREDENTIALS });
  });
});
