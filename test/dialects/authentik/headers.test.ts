import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PAIRS, startServer, type TestServer } from '../../support/server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.close());

/** Contract §1.8, "other headers". */
const ORIGINAL = {
  'x-powered-by': 'authentik',
  'x-frame-options': 'DENY',
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'same-origin',
  vary: 'Accept-Language',
  'content-language': 'en',
};

describe.each([
  ['a list', 'GET', PAIRS, 200],
  ['a refused body', 'POST', PAIRS, 400],
  ['an unknown pair', 'GET', `${PAIRS}00000000-0000-4000-8000-00000000dead/`, 404],
  ['a wrong method', 'PUT', `${PAIRS}generate/`, 405],
  ['what clients ask for first', 'GET', '/api/v3/root/config/', 200],
  ['a path that is no route', 'GET', '/api/v3/nowhere/', 404],
])('the answer to %s', (_what, method, path, status) => {
  test("carries the original's headers, and an id of its own", async () => {
    const first = await server.request(method, path);
    const second = await server.request(method, path);

    expect(first.status).toBe(status);
    expect(Object.fromEntries(first.headers)).toMatchObject(ORIGINAL);
    expect(first.headers.get('x-authentik-id')).toMatch(/^[0-9a-f]{32}$/);
    expect(second.headers.get('x-authentik-id')).not.toBe(first.headers.get('x-authentik-id'));
  });
});
