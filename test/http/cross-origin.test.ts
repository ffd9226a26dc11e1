import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { exchange } from '../dialects/authentik/errors/support/wire.ts';
import { startStallingProxy } from '../faults/support/stalling-proxy.ts';
import { createDatabase } from '../support/database.ts';
import { PAIRS, startServer, type TestServer } from '../support/server.ts';
import { exposure } from './support/exposure.ts';

const LISTED = 'https://app.example';
const OTHERS = [
  'https://other.example',
  'http://app.example',
  'https://app.example:8443',
  'https://app.example.evil.example',
  'https://sub.app.example',
  'https://app.exampl',
  'HTTPS://APP.EXAMPLE',
  'null',
  '*',
  `${LISTED}, https://other.example`,
];

let server: TestServer;
let closed: TestServer;
beforeAll(async () => {
  const corsOrigins = [LISTED, 'http://localhost:5173'];
  server = await startServer({
    exposure: exposure({ corsOrigins, rateLimits: { failedLogins: 1 } }),
    bodyLimit: 1024,
    requestTimeoutMs: 1000,
  });
  closed = await startServer();
});
afterAll(async () => {
  await server.close();
  await closed.close();
});

const corsOf = (headers: Iterable<readonly [string, string]>) =>
  Object.fromEntries([...headers].filter(([name]) => name.startsWith('access-control-')));

async function preflight(to: TestServer, path: string, origin: string) {
  const headers = {
    origin,
    'access-control-request-method': 'PATCH',
    'access-control-request-headers': 'authorization,content-type',
  };
  const answer = await fetch(to.url + path, { method: 'OPTIONS', headers });
  return {
    status: answer.status,
    vary: answer.headers.get('vary'),
    cors: corsOf(answer.headers),
    body: await answer.text(),
  };
}

describe('a preflight', () => {
  test.each([PAIRS, `${PAIRS}generate/`, `${PAIRS}00000000-0000-4000-8000-00000000dead/`, '/api/v3/root/config/'])(
    'of a listed origin is answered without a token on %s',
    async (path) => {
      expect(await preflight(server, path, LISTED)).toEqual({
        status: 204,
        vary: 'Origin',
        body: '',
        cors: {
          'access-control-allow-origin': LISTED,
          'access-control-allow-methods': expect.stringMatching(/(^|, )PATCH(,|$)/),
          'access-control-allow-headers': expect.stringMatching(
            /Authorization, Content-Type, If-Match, .*If-None-Match/,
          ),
          'access-control-expose-headers': expect.stringMatching(/ETag, Location, Retry-After, X-authentik-id/),
          'access-control-max-age': '600',
        },
      });
    },
  );

  test.each(OTHERS)('of the origin %s is told nothing', async (origin) => {
    expect(await preflight(server, PAIRS, origin)).toMatchObject({ status: 403, cors: {} });
  });

  test('is told nothing where no origin is listed', async () => {
    expect(await preflight(closed, PAIRS, LISTED)).toMatchObject({ status: 403, cors: {}, vary: 'Accept-Language' });
  });
});

describe("authentik's own OPTIONS", () => {
  test.each([
    ['without an origin', {}],
    ['with a listed origin', { origin: LISTED }],
    ['with another origin', { origin: 'https://other.example' }],
    ['with a preflight’s header and no origin', { 'access-control-request-method': 'GET' }],
    [
      'with a preflight’s header and another origin',
      { origin: 'https://other.example', 'access-control-request-method': 'GET' },
    ],
  ])('is answered as ever %s', async (_what, headers) => {
    const answer = await server.request('OPTIONS', PAIRS, undefined, headers as Record<string, string>);
    expect(answer.status).toBe(200);
    // Contract §1.8.
    expect(await answer.json()).toMatchObject({ name: 'Certificate Key Pair List', actions: { POST: {} } });
  });
});

describe('an answer to a listed origin may be read by its scripts:', () => {
  test.each([
    ['a list', 'GET', PAIRS, {}, 200],
    ['a refused token', 'GET', PAIRS, { authorization: 'Bearer nope' }, 403],
    ['one too many of them', 'GET', PAIRS, { authorization: 'Bearer nope' }, 429],
    ['an unknown pair', 'GET', `${PAIRS}00000000-0000-4000-8000-00000000dead/`, {}, 404],
    ['a body over the limit', 'POST', PAIRS, {}, 413],
    ['a path of nobody', 'GET', '/nowhere', {}, 404],
    ['a path that can not be decoded', 'GET', `${PAIRS}%zz/`, {}, 400],
  ] as const)('%s', async (_what, method, path, headers, status) => {
    const body = method === 'POST' ? 'x'.repeat(2000) : undefined;
    const answer = await server.request(method, path, body, { origin: LISTED, ...headers });
    expect(answer.status).toBe(status);
    expect(answer.headers.get('access-control-allow-origin')).toBe(LISTED);
    expect(answer.headers.get('vary')).toMatch(/(^|, )Origin$/);
    // Tokens are no credentials in the Fetch Standard's sense.
    expect(answer.headers.get('access-control-allow-credentials')).toBeNull();
    await answer.arrayBuffer();
  });

  test('a request that does not end in time', async () => {
    const authorization = `Authorization: Bearer ${server.token}`;
    const lines = [
      `POST ${PAIRS} HTTP/1.1`,
      'Host: x',
      authorization,
      `Origin: ${LISTED}`,
      'Content-Length: 9',
      '',
      '{',
    ];
    const bytes = lines.join('\r\n');
    expect(await exchange(server, bytes)).toMatchObject({
      status: 408,
      headers: { 'access-control-allow-origin': LISTED, vary: 'Origin' },
    });
  });

  test.each([
    ['the database away', 503, 'stall'],
    ['a mistake', 500, 'drop'],
  ] as const)('%s', async (_what, status, how) => {
    const database = await createDatabase();
    const proxy = await startStallingProxy(database.url);
    // Only what stalls is waited for.
    const bound = how === 'stall' ? { databaseTimeoutMs: 1000 } : {};
    const config = { databaseUrl: proxy.url, ...bound, exposure: exposure({ corsOrigins: [LISTED] }) };
    const own = await startServer(config, database);
    own.foreseeMistakes();
    await (how === 'stall' ? proxy.stall() : database.drop());
    const answer = await own.request('GET', PAIRS, undefined, { origin: LISTED });
    expect(answer.status).toBe(status);
    expect(answer.headers.get('access-control-allow-origin')).toBe(LISTED);
    expect(answer.headers.get('access-control-expose-headers')).toContain('Retry-After');
    // First: what it still asks on its end is refused at once then.
    await proxy.close();
    await own.close();
    await (how === 'stall' ? database.drop() : undefined);
  });
});

describe('an answer to anybody else', () => {
  test.each([undefined, ...OTHERS])(
    'allows nothing to the origin %s, and may not stand for a listed one',
    async (origin) => {
      const headers: Record<string, string> = origin === undefined ? {} : { origin };
      const answer = await server.request('GET', PAIRS, undefined, headers);
      expect(answer.status).toBe(200);
      expect(corsOf(answer.headers)).toEqual({});
      expect(answer.headers.get('vary')).toBe('Accept-Language, Origin');
    },
  );

  test('is as the original’s where no origin is listed', async () => {
    const answer = await closed.request('GET', PAIRS, undefined, { origin: LISTED });
    expect(corsOf(answer.headers)).toEqual({});
    expect(answer.headers.get('vary')).toBe('Accept-Language');
  });
});
