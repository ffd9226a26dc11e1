import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it, test } from 'vitest';
import { startServer, type TestServer } from '../../../support/server.ts';
import { ask, made, TOKENS } from './support/api.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
  await made(server, { identifier: 'alpha', username: 'Ada', description: 'one_hundred', expires: '2127-01-01' });
  await made(server, { identifier: 'beta', username: 'bob', description: 'ten 100%', expires: null });
  await made(server, {
    identifier: 'Gamma',
    username: 'Ada',
    description: String.raw`a\b`,
    expires: '2126-01-01T01:30:00+01:30',
  });
  await made(server, { identifier: 'gone', username: 'Ada' });
  await ask(server, 'DELETE', `${TOKENS}gone/`);
});
afterAll(() => server.close());

async function listed(query: string): Promise<readonly string[]> {
  const { status, body } = await ask(server, 'GET', `${TOKENS}?${query}`);
  expect(status, JSON.stringify(body)).toBe(200);
  return (body as { results: { identifier: string }[] }).results.map(({ identifier }) => identifier);
}

// By code units: capitals first.
const ALL = ['Gamma', 'alpha', 'beta', 'bootstrap'];

it.each<[string, readonly string[]]>([
  ['', ALL],
  ['identifier=alpha', ['alpha']],
  ['identifier=ALPHA', []],
  ['user__username=Ada', ['Gamma', 'alpha']],
  ['user__username=ada', []],
  ['description=ten%20100%25', ['beta']],
  ['expiring=true', ['Gamma', 'alpha']],
  ['expiring=0', ['beta', 'bootstrap']],
  ['expiring=perhaps', ALL],
  ['expires=2126-01-01T00:00:00Z', ['Gamma']],
  ['expires=2127-01-01', ['alpha']],
  ['intent=api', ALL],
  ['intent=recovery', []],
  ['managed=x', []],
  ['managed=', ALL],
  ['identifier=alpha&user__username=bob', []],
  ['search=ADA', ['Gamma', 'alpha']],
  ['search=ada%20hundred', ['alpha']],
  ['search=api', ALL],
  ['search=gone', []],
  ['search=_', ['alpha']],
  ['search=%25', ['beta']],
  ['search=%5C', ['Gamma']],
])('?%s lists %j', async (query, identifiers) => {
  expect(await listed(query)).toEqual(identifiers);
});

it.each<[string, readonly string[]]>([
  ['identifier', ALL],
  ['-identifier', ALL.toReversed()],
  ['description', ['Gamma', 'bootstrap', 'alpha', 'beta']],
  ['expires', ['Gamma', 'alpha', 'beta', 'bootstrap']],
  ['user,-identifier', ['bootstrap', 'alpha', 'Gamma', 'beta']],
  ['wonders', ALL],
])('orders by %s', async (ordering, identifiers) => {
  expect(await listed(`ordering=${ordering}`)).toEqual(identifiers);
});

test('a field that is named two thousand times orders as one that is named once, and costs no more', async () => {
  const { status } = await ask(server, 'GET', `${TOKENS}?ordering=${'user,'.repeat(2000)}-identifier`);

  expect(status).toBe(200);
  expect(await listed('ordering=user,-user,-identifier')).toEqual(['bootstrap', 'alpha', 'Gamma', 'beta']);
});

test('pages are counted, and there is none beyond the last', async () => {
  expect(await ask(server, 'GET', `${TOKENS}?page_size=3&page=2`)).toMatchObject({
    body: { pagination: { count: 4, current: 2, total_pages: 2, next: 0, previous: 1, start_index: 4, end_index: 4 } },
  });
  expect(await listed('page_size=3&page=last')).toEqual(['bootstrap']);
  expect(await ask(server, 'GET', `${TOKENS}?page_size=3&page=3`)).toEqual({
    status: 404,
    body: { detail: 'Invalid page.' },
  });
});

it.each([
  ['intent=fly', { intent: ['Select a valid choice. fly is not one of the available choices.'] }],
  ['expires=soon', { expires: ['Enter a valid date/time.'] }],
  ['identifier=%00', { identifier: ['Null characters are not allowed.'] }],
  ['intent=fly&expires=soon', { intent: expect.any(Array), expires: expect.any(Array) }],
])('?%s is refused', async (query, body) => {
  expect(await ask(server, 'GET', `${TOKENS}?${query}`)).toEqual({ status: 400, body });
  expect(await ask(server, 'GET', `${TOKENS}alpha/?${query}`)).toEqual({ status: 400, body });
});

test.each(['%00', 'a%20b', 'x'.repeat(300), '%F0%9F%94%91', "'"])('nothing is called %s', async (identifier) => {
  const path = `${TOKENS}${identifier}/`;
  const answers = [
    await ask(server, 'GET', path),
    await ask(server, 'PATCH', path, {}),
    await ask(server, 'DELETE', path),
  ];

  expect(answers).toEqual(Array(3).fill({ status: 404, body: { detail: 'No Token matches the given query.' } }));
});

test('filters act on the path of one token too', async () => {
  expect((await ask(server, 'GET', `${TOKENS}alpha/?user__username=Ada`)).status).toBe(200);
  expect((await ask(server, 'GET', `${TOKENS}alpha/?user__username=bob`)).status).toBe(404);
  expect((await ask(server, 'GET', `${TOKENS}alpha/?identifier=beta`)).status).toBe(404);
});

test('a revoked token is shown no more, an expired one is', async () => {
  const { identifier } = await made(server, { username: randomUUID() });
  await server.database.query(`UPDATE tokens SET expires_at = now() - interval '1 hour' WHERE identifier = $1`, [
    identifier,
  ]);

  expect((await ask(server, 'GET', `${TOKENS}gone/`)).status).toBe(404);
  expect((await ask(server, 'GET', `${TOKENS}${identifier}/`)).status).toBe(200);
  await ask(server, 'DELETE', `${TOKENS}${identifier}/`);
});

test('there is no way to see a key again or to set one, nor what uses a token', async () => {
  for (const [method, path] of [
    ['GET', 'view_key/'],
    ['POST', 'set_key/'],
    ['GET', 'used_by/'],
  ] as const) {
    const answer = await server.request(method, `${TOKENS}alpha/${path}`);
    expect(answer.status).toBe(404);
    expect(answer.headers.get('content-type')).toContain('text/html');
  }
});

test('the paths say what they are, and refuse the methods that they lack', async () => {
  const list = await server.request('OPTIONS', TOKENS);
  const detail = await server.request('OPTIONS', `${TOKENS}alpha/`);

  expect([list.headers.get('allow'), detail.headers.get('allow')]).toEqual([
    'GET, POST, HEAD, OPTIONS',
    'GET, PUT, PATCH, DELETE, HEAD, OPTIONS',
  ]);
  const [listed, detailed] = [await list.json(), await detail.json()] as object[];
  expect(listed).toMatchObject({ name: 'Token List' });
  expect(detailed).toMatchObject({ name: 'Token Instance' });
  expect([listed, detailed].map((shown) => Object.hasOwn(shown ?? {}, 'actions'))).toEqual([false, false]);
  expect(await ask(server, 'DELETE', TOKENS)).toEqual({
    status: 405,
    body: { detail: 'Method "DELETE" not allowed.' },
  });
  expect(await ask(server, 'POST', `${TOKENS}alpha/`)).toEqual({
    status: 405,
    body: { detail: 'Method "POST" not allowed.' },
  });
});
