import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PAIRS, startServer, type TestServer } from '../support/server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startServer({ requestTimeoutMs: 1000 });
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
  test('in the middle of its head', async () => {
    const answer = await exchange(`GET ${PAIRS} HTTP/1.1\r\nHost: x\r\n`);
    expect(answer).toMatch(/^HTTP\/1.1 408 /);
  });

  test('in the middle of its body', async () => {
    const head = `POST ${PAIRS} HTTP/1.1\r\n${authorised()}Content-Type: application/json\r\nContent-Length: 100\r\n\r\n`;
    const answer = await exchange(`${head}{"name":`);
    expect(answer).toMatch(/^HTTP\/1.1 408 /);
  });
});

describe('what is no request is refused in the shape of the path’s API', () => {
  test.each([
    ['a broken header', () => `GET ${PAIRS} HTTP/1.1\r\nHo st: x\r\n\r\n`, 400],
    ['a head beyond the limit', () => `GET ${PAIRS} HTTP/1.1\r\nHost: x\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`, 431],
  ])('%s', async (_what, bytes, status) => {
    const answer = await exchange(bytes());
    expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(answer).toContain('Content-Type: application/json');
    expect(JSON.parse(answer.slice(answer.indexOf('\r\n\r\n') + 4))).toHaveProperty('detail');
  });

  test('a path that can not be decoded', async () => {
    const response = await server.request('GET', `${PAIRS}%zz/`);
    expect(response.status).toBe(400);
    expect(await response.json()).toEqual({ detail: 'Bad Request.' });
  });
});

describe('methods', () => {
  test.each(['QUERY', 'PROPFIND', 'PURGE', 'TRACE'].filter((method) => method !== 'TRACE'))(
    '%s is not allowed, whatever Fastify knows of it',
    async (method) => {
      const answer = await exchange(`${method} ${PAIRS} HTTP/1.1\r\n${authorised()}Connection: close\r\n\r\n`);
      expect(answer).toMatch(/^HTTP\/1.1 (405|400) /);
      expect(answer).not.toContain('FST_ERR');
    },
  );

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
