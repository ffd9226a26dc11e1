import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PAIRS, startServer, type TestServer } from '../support/server.ts';
import { inMs, printFigures } from './support/figures.ts';

const REQUEST_TIMEOUT_MS = 1000;
/** Node looks at half of the time whether it is over. */
const LONGEST_REQUEST_MS = 1.5 * REQUEST_TIMEOUT_MS;
/** What a busy machine adds. */
const SLACK_MS = 4000;
const CLIENTS = 5;

let server: TestServer;
beforeAll(async () => {
  server = await startServer({ requestTimeoutMs: REQUEST_TIMEOUT_MS });
});
afterAll(() => server.close());

/** Sends bytes on a connection of its own, and returns everything that comes back until it ends. */
function exchange(bytes: string): Promise<string> {
  const { hostname, port } = new URL(server.url);
  return new Promise((resolve, reject) => {
    let received = '';
    const socket = connect(Number(port), hostname, () => socket.write(bytes));
    socket.setEncoding('utf8').on('data', (chunk: string) => {
      received += chunk;
    });
    socket.on('close', () => resolve(received));
    socket.on('error', reject);
  });
}

const authorised = () => `Host: x\r\nAuthorization: Bearer ${server.token}\r\n`;

describe('a request that does not end in time is ended, in the shape of the API', () => {
  test.each([
    ['head', () => `GET ${PAIRS} HTTP/1.1\r\nHost: x\r\n`],
    [
      'body',
      () =>
        `POST ${PAIRS} HTTP/1.1\r\n${authorised()}Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{"name":`,
    ],
  ])('in the middle of its %s', async (part, bytes) => {
    const begin = performance.now();
    const answers = await Promise.all(Array.from({ length: CLIENTS }, () => exchange(bytes())));
    const longest = performance.now() - begin;
    const cut = answers.filter((answer) => answer.startsWith('HTTP/1.1 408 ')).length;
    printFigures(
      `request that stops in its ${part}: ${cut} of ${CLIENTS} cut with 408, the last after ${inMs(longest)} (bound ${LONGEST_REQUEST_MS} ms)`,
    );
    expect(cut).toBe(CLIENTS);
    expect(longest).toBeLessThan(LONGEST_REQUEST_MS + SLACK_MS);
  });
});

describe('what is no request is refused in the shape of the path’s API', () => {
  test.each([
    ['a broken header', () => `GET ${PAIRS} HTTP/1.1\r\nHo st: x\r\n\r\n`, 400],
    ['a head beyond the limit', () => `GET ${PAIRS} HTTP/1.1\r\nHost: x\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`, 431],
  ])('%s', async (what, bytes, status) => {
    const answer = await exchange(bytes());
    expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(answer).toContain('Content-Type: application/json');
    expect(JSON.parse(answer.slice(answer.indexOf('\r\n\r\n') + 4))).toHaveProperty('detail');
    printFigures(`${what}: 1 time, refused with ${status}`);
  });

  test('a path that can not be decoded', async () => {
    const response = await server.request('GET', `${PAIRS}%zz/`);
    expect(response.status).toBe(400);
    expect(await response.json()).toEqual({ detail: 'Bad Request.' });
  });
});

describe('methods', () => {
  test.each(['QUERY', 'PROPFIND', 'PURGE'])('%s is not allowed, whatever Fastify knows of it', async (method) => {
    const answer = await exchange(`${method} ${PAIRS} HTTP/1.1\r\n${authorised()}Connection: close\r\n\r\n`);
    expect(answer).toMatch(/^HTTP\/1.1 (405|400) /);
    expect(answer).not.toContain('FST_ERR');
  });

  test('a type that is none is quoted, and does not matter without a body', async () => {
    const headers = { 'content-type': 'foo' };
    const refused = await server.request('POST', PAIRS, '{}', headers);
    expect(refused.status).toBe(415);
    expect(await refused.json()).toEqual({ detail: 'Unsupported media type "foo" in request.' });

    const empty = await server.request('POST', PAIRS, '', headers);
    expect(empty.status).toBe(400);
    expect(await empty.json()).toHaveProperty('name');
  });
});
