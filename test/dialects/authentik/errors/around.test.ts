import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { createDatabase } from '../../../support/database.ts';
import { PAIRS, startServer, type TestServer } from '../../../support/server.ts';
import { storePair } from './support/material.ts';
import {
  ALLOW,
  ask,
  expectRefusal,
  methodNotAllowed,
  NOT_ACCEPTABLE,
  NOT_FOUND,
  TOKEN_INVALID,
  UNKNOWN_ID,
} from './support/refusal.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
  await storePair(server, 'stored');
});
afterAll(() => server.close());

const CONFIG = '/api/v3/root/config/';
const SCHEMA = '/api/v3/schema/';

describe.each([CONFIG, SCHEMA])('§5: %s', (path) => {
  describe.each([
    ['without a token', null],
    ['with a token', undefined],
  ])('%s', (_what, authorization) => {
    const headers = (): Record<string, string | null> => (authorization === null ? { authorization } : {});

    test.each(['POST', 'PUT', 'PATCH', 'DELETE', 'TRACE'])('does not allow %s', async (method) => {
      const asking = { method, path, headers: headers() };
      await expectRefusal(server, asking, { status: 405, body: methodNotAllowed(method), allow: ALLOW.view });
    });

    test('finds no format that there is not', async () => {
      const asking = { method: 'GET', path: `${path}?format=api`, headers: headers() };
      await expectRefusal(server, asking, { status: 404, body: NOT_FOUND, allow: ALLOW.view });
    });

    test('can not satisfy a client that takes neither JSON nor YAML', async () => {
      const asking = { method: 'GET', path, headers: { ...headers(), accept: 'text/html' } };
      await expectRefusal(server, asking, { status: 406, body: NOT_ACCEPTABLE, allow: ALLOW.view });
    });
  });

  test.each(['GET', 'POST', 'OPTIONS'])('is not for an invalid token by %s (§2.1 rule 1)', async (method) => {
    const asking = { method, path, headers: { authorization: 'Bearer nope' } };
    await expectRefusal(server, asking, { status: 403, body: TOKEN_INVALID, allow: ALLOW.view });
  });

  test('is no path without its slash', async () => {
    const answer = await ask(server, { method: 'GET', path: path.slice(0, -1) });
    expect(answer).toMatchObject({ status: 404, headers: { 'content-type': 'text/html; charset=utf-8' } });
  });
});

describe('§5: health', () => {
  test.each(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE'])(
    'is never refused: not %s, not an invalid token, not another media type, not a broken body',
    async (method) => {
      const headers = { authorization: 'Bearer nope', accept: 'text/html', 'content-type': 'foo' };
      const body = ['POST', 'PUT', 'PATCH'].includes(method) ? '{' : undefined;
      for (const path of ['/-/health/live/', '/-/health/ready/']) {
        const answer = await ask(server, { method, path: `${path}?format=api`, body, headers });
        expect(answer).toMatchObject({ status: 200, text: '' });
      }
    },
  );

  test.each(['/-/health/live', '/-/health/', '/-/metrics/', '/-/metrics', '/metrics'])(
    'has no %s, which is a page',
    async (path) => {
      const answer = await ask(server, { method: 'GET', path });
      expect(answer).toMatchObject({ status: 404, headers: { 'content-type': 'text/html; charset=utf-8' } });
    },
  );
});

describe('§5: readiness', () => {
  test('is refused with 503 and nothing else while the database can not be asked, and liveness is not', async () => {
    const database = await createDatabase();
    const own = await startServer({}, database);
    onTestFinished(() => own.close());
    await database.drop();
    expect(await ask(own, { method: 'GET', path: '/-/health/ready/' })).toMatchObject({ status: 503, text: '' });
    expect(await ask(own, { method: 'GET', path: '/-/health/live/' })).toMatchObject({ status: 200, text: '' });
  });
});

describe('§1.8: every refusal carries the headers of the original:', () => {
  test.each([
    ['400', { method: 'POST', path: PAIRS, body: {} }, 400],
    ['403', { method: 'GET', path: PAIRS, headers: { authorization: null } }, 403],
    ['403 for an invalid token', { method: 'GET', path: PAIRS, headers: { authorization: 'Bearer nope' } }, 403],
    ['404', { method: 'GET', path: `${PAIRS}${UNKNOWN_ID}/` }, 404],
    ['404 with a page', { method: 'GET', path: '/api/v3/nope/' }, 404],
    ['404 for a format', { method: 'GET', path: `${PAIRS}?format=api` }, 404],
    ['405', { method: 'PUT', path: PAIRS }, 405],
    ['406', { method: 'GET', path: PAIRS, headers: { accept: 'text/html' } }, 406],
    ['413', { method: 'POST', path: PAIRS, body: 'x'.repeat(2 * 1024 * 1024) }, 413],
    ['415', { method: 'POST', path: PAIRS, body: 'x', headers: { 'content-type': 'foo' } }, 415],
  ])('%s', async (_what, asking, status) => {
    const answer = await ask(server, asking);
    expect(answer).toMatchObject({
      status,
      headers: {
        'x-authentik-id': expect.stringMatching(/^[0-9a-f]{32}$/),
        'x-powered-by': 'authentik',
        'x-frame-options': 'DENY',
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'same-origin',
        vary: expect.stringContaining('Accept-Language'),
        'content-language': 'en',
      },
    });
  });

  test('each under an id of its own', async () => {
    const asking = { method: 'GET', path: `${PAIRS}${UNKNOWN_ID}/` };
    const ids = await Promise.all([1, 2, 3].map(async () => (await ask(server, asking)).headers['x-authentik-id']));
    expect(new Set(ids).size).toBe(3);
  });
});

describe('docs/differences.md: what nobody foresaw is a 500 in JSON', () => {
  test.each([
    ['GET', '', undefined],
    ['GET', `${UNKNOWN_ID}/`, undefined],
    ['POST', 'generate/', { common_name: 'x', validity_days: 1, alg: 'ecdsa' }],
  ])('by %s %s, and says nothing of it', async (method, route, body) => {
    const own = await startServer();
    onTestFinished(() => own.close());
    own.foreseeMistakes();
    await own.database.query('ALTER TABLE keypairs RENAME TO elsewhere');
    const answer = await ask(own, { method, path: PAIRS + route, body });
    expect({ status: answer.status, type: answer.headers['content-type'], text: answer.text }).toEqual({
      status: 500,
      type: 'application/json',
      text: '{"detail":"Internal server error."}',
    });
  });
});
