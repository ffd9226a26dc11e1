import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { exchange } from '../dialects/authentik/errors/support/wire.ts';
import { PAIRS, startServer, type TestServer } from '../support/server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startServer({ requestTimeoutMs: 1000, bodyLimit: 1024 });
});
afterAll(() => server.close());

/** OWASP, REST Security Cheat Sheet; what an answer must not allow. */
const EVERYWHERE = {
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=()',
};
const NOTHING_RUNS = "default-src 'none'; frame-ancestors 'none'";

describe('every answer forbids to run, frame, guess at and keep what it holds:', () => {
  test.each([
    ['a list', 'GET', PAIRS, 200],
    ['a wrong method', 'PUT', `${PAIRS}generate/`, 405],
    ['what everybody may read', 'GET', '/api/v3/root/config/', 200],
    ['an unknown pair', 'GET', `${PAIRS}00000000-0000-4000-8000-00000000dead/`, 404],
    ['a path that is no route of the API', 'GET', '/api/v3/nowhere/', 404],
    ['a path of nobody', 'GET', '/nowhere', 404],
    ['a probe', 'GET', '/-/health/live/', 200],
    ['a path that can not be decoded', 'GET', `${PAIRS}%zz/`, 400],
    ['a page of no documentation', 'GET', '/docs/nowhere', 404],
  ])('%s', async (_what, method, path, status) => {
    const answer = await server.request(method, path);
    expect(answer.status).toBe(status);
    const headers = Object.fromEntries(answer.headers);
    expect(headers).toMatchObject(EVERYWHERE);
    expect(headers['referrer-policy']).toMatch(/^(same-origin|no-referrer)$/);
    expect(headers['content-security-policy']).toContain("default-src 'none'");
    expect(headers['content-security-policy']).toContain("frame-ancestors 'none'");
    // RFC 6797 §7.2: not over plain HTTP.
    expect(headers).not.toHaveProperty('strict-transport-security');
  });

  test.each([
    ['a request that does not end', () => `GET ${PAIRS} HTTP/1.1\r\nHost: x\r\n`, 408],
    [
      'a body that does not end',
      () => `POST ${PAIRS} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${server.token}\r\nContent-Length: 9\r\n\r\n{`,
      408,
    ],
    ['a broken header', () => `GET ${PAIRS} HTTP/1.1\r\nHo st: x\r\n\r\n`, 400],
    ['a head beyond the limit', () => `GET / HTTP/1.1\r\nHost: x\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`, 431],
    [
      'an expectation that nobody meets',
      () => `GET ${PAIRS} HTTP/1.1\r\nHost: x\r\nExpect: wonders\r\nConnection: close\r\n\r\n`,
      417,
    ],
    ['HTTP/1.1 without a host', () => `GET ${PAIRS} HTTP/1.1\r\nConnection: close\r\n\r\n`, 400],
  ])('%s', async (_what, bytes, status) => {
    const answer = await exchange(server, bytes());
    expect(answer?.status).toBe(status);
    expect(answer?.headers).toMatchObject({ ...EVERYWHERE, 'content-security-policy': NOTHING_RUNS });
  });
});

test("the authentik API's own headers stay its own", async () => {
  const answer = await server.request('GET', PAIRS);
  // Contract §1.8.
  expect(Object.fromEntries(answer.headers)).toMatchObject({
    'referrer-policy': 'same-origin',
    vary: 'Accept-Language',
  });
});

test('the page to browse the API runs its own scripts and nothing else', async () => {
  const page = await fetch(`${server.url}/docs/`);
  expect(page.status).toBe(200);
  const policy = page.headers.get('content-security-policy') ?? '';
  expect(policy).toContain("default-src 'none'");
  expect(policy).toContain("script-src 'self'");
  expect(policy).not.toMatch(/unsafe|https?:|\*/);
  const html = await page.text();
  // What the policy would keep from running or loading.
  expect(html).not.toMatch(/<script(?![^>]*\ssrc=)|<style|\son\w+=|\sstyle=|(?:src|href)="(?:https?:)?\/\//);
  for (const [, path] of html.matchAll(/(?:src|href)="([^"]+)"/g)) {
    const part = await fetch(new URL(path as string, page.url));
    expect(part.status).toBe(200);
    expect(Object.fromEntries(part.headers)).toMatchObject({
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
    });
    await part.arrayBuffer();
  }
});
