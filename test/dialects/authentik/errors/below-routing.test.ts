import { connect, type Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { opensslPair } from '../../../support/openssl.ts';
import { PAIRS, startServer, type TestServer } from '../../../support/server.ts';
import { until } from '../../../support/until.ts';
import { type Pair, storePair } from './support/material.ts';
import { ALLOW, type Answer, ask, expectRefusal, NO_CREDENTIALS, stored, TOKEN_INVALID } from './support/refusal.ts';
import { exchange, exchangeAll } from './support/wire.ts';

const LIMIT = 64 * 1024;

let server: TestServer;
let hasty: TestServer;
let pair: Pair;
beforeAll(async () => {
  server = await startServer({ bodyLimit: LIMIT });
  hasty = await startServer({ requestTimeoutMs: 500 });
  pair = await storePair(server, 'stored');
});
afterAll(() => server.close());
afterAll(() => hasty.close());

/** The head of a request up to the blank line, which is not there yet. */
function head(line: string, of: TestServer, ...headers: string[]): string {
  const all = [line, 'Host: x', `Authorization: Bearer ${of.token}`, 'Content-Type: application/json', ...headers];
  return `${all.join('\r\n')}\r\n`;
}

function expectJson(answer: Answer | undefined, status: number, detail: string): void {
  expect({ status: answer?.status, type: answer?.headers['content-type'], text: answer?.text }).toEqual({
    status,
    type: 'application/json',
    text: JSON.stringify({ detail }),
  });
}

function expectPage(answer: Answer, status: number): void {
  expect({ status: answer.status, type: answer.headers['content-type'] }).toEqual({
    status,
    type: 'text/html; charset=utf-8',
  });
  expect(answer.text).toMatch(/^<!doctype html>/);
}

describe('§1.8: a body over the limit is refused', () => {
  const refusal = { status: 413, body: { detail: 'Request body too large.' } };
  const large = { name: 'x'.repeat(LIMIT), certificate_data: 'x' };

  test.each([
    ['POST', (): string => '', ALLOW.list],
    ['POST', (): string => 'generate/', ALLOW.generate],
    ['PUT', (): string => `${pair.id}/`, ALLOW.detail],
    ['PATCH', (): string => `${pair.id}/`, ALLOW.detail],
  ] as const)('by %s %s', async (method, route, allow) => {
    await expectRefusal(server, { method, path: PAIRS + route(), body: large }, { ...refusal, allow });
  });

  test('where no length announces it', async () => {
    const before = await stored(server);
    const chunk = `${(LIMIT + 1).toString(16)}\r\n${'x'.repeat(LIMIT + 1)}\r\n0\r\n\r\n`;
    const request = head(`POST ${PAIRS} HTTP/1.1`, server, 'Transfer-Encoding: chunked', 'Connection: close');
    expectJson(await exchange(server, `${request}\r\n${chunk}`), 413, refusal.body.detail);
    expect(await stored(server)).toEqual(before);
  });

  test('by a single byte, and not at the limit', async () => {
    const body = JSON.stringify({ name: 'x', certificate_data: '' });
    const atLimit = { method: 'POST', path: PAIRS, body: body.padEnd(LIMIT) };
    const blank = { certificate_data: ['This field may not be blank.'] };
    await expectRefusal(server, atLimit, { status: 400, body: blank });
    await expectRefusal(server, { ...atLimit, body: body.padEnd(LIMIT + 1) }, refusal);
  });

  test('but not before it is known who asks', async () => {
    const asking = { method: 'POST', path: PAIRS, body: large };
    const anonymous = { ...asking, headers: { authorization: null } };
    await expectRefusal(server, anonymous, { status: 403, body: NO_CREDENTIALS });
    const invalid = { ...asking, headers: { authorization: 'Bearer nope' } };
    await expectRefusal(server, invalid, { status: 403, body: TOKEN_INVALID });
  });
});

describe('a request that does not end in time is refused in the shape of its path', () => {
  test.each([
    ['in the middle of its head', () => head(`GET ${PAIRS} HTTP/1.1`, hasty)],
    ['in the middle of its body', () => `${head(`POST ${PAIRS} HTTP/1.1`, hasty, 'Content-Length: 100')}\r\n{"name":`],
    [
      'in the middle of a chunk',
      () => `${head(`POST ${PAIRS}generate/ HTTP/1.1`, hasty, 'Transfer-Encoding: chunked')}\r\n9\r\n{"name":`,
    ],
  ])('%s: JSON inside the API', async (_what, bytes) => {
    expectJson(await exchange(hasty, bytes()), 408, 'Request Timeout.');
    expect(await stored(hasty)).toEqual([]);
  });

  test('JSON where it named no path, whatever the connection named before', async () => {
    const first = `${head('GET /nope/ HTTP/1.1', hasty)}\r\n`;
    const answers = await exchangeAll(hasty, `${first}${head(`GET ${PAIRS} HTTP/1.1`, hasty)}`);
    expect(answers.map(({ status }) => status)).toEqual([404, 408]);
    expectJson(answers.at(-1), 408, 'Request Timeout.');
  });

  test('and its connection is closed, also where the client keeps its side open', async () => {
    let listening: FastifyInstance | undefined;
    let accepted = 0;
    const own = await startServer({ requestTimeoutMs: 300 }, undefined, (app) => {
      listening = app;
      app.server.on('connection', () => accepted++);
    });
    onTestFinished(() => own.close());
    const { hostname, port } = new URL(own.url);
    const unfinished = [
      head(`GET ${PAIRS} HTTP/1.1`, own),
      `${head(`POST ${PAIRS} HTTP/1.1`, own, 'Content-Length: 9')}\r\n{`,
    ];
    const sockets = unfinished.map((bytes): Socket => {
      const socket = connect({ host: hostname, port: Number(port), allowHalfOpen: true });
      socket.write(bytes);
      return socket.resume();
    });
    const connections = () =>
      new Promise<number>((resolve, reject) =>
        listening?.server.getConnections((error, count) => (error === null ? resolve(count) : reject(error))),
      );
    // They may be gone before anybody looks.
    await until(async () => accepted === 2 && (await connections()) === 0);
    for (const socket of sockets) {
      socket.destroy();
    }
  });
});

describe('what is no request is refused in the shape of its path', () => {
  const tooMuch = `X: ${'x'.repeat(20_000)}`;

  test.each([
    ['a head beyond the limit', `GET {} HTTP/1.1\r\nHost: x\r\n${tooMuch}\r\n\r\n`, 431],
    ['a query beyond the limit', `GET {}?${'x'.repeat(20_000)} HTTP/1.1\r\nHost: x\r\n\r\n`, 431],
    ['a broken header', 'GET {} HTTP/1.1\r\nHo st: x\r\n\r\n', 400],
    ['an unknown version', 'GET {} HTTP/9.9\r\nHost: x\r\n\r\n', 400],
    ['a byte beyond ASCII in the query', 'GET {}?name=\xe9 HTTP/1.1\r\nHost: x\r\n\r\n', 400],
    ['an unknown method', 'FOO {} HTTP/1.1\r\nHost: x\r\n\r\n', 400],
    ['two lengths', 'POST {} HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n', 400],
    ['a length below zero', 'POST {} HTTP/1.1\r\nHost: x\r\nContent-Length: -2\r\n\r\n', 400],
    ['a path that can not be decoded', 'GET {}%zz/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n', 400],
  ])('%s: JSON inside the API, a page outside', async (_what, bytes, status) => {
    const detail = status === 431 ? 'Request Header Fields Too Large.' : 'Bad Request.';
    expectJson(await exchange(server, bytes.replace('{}', PAIRS)), status, detail);
    expectPage(await exchange(server, bytes.replace('{}', '/nope/')), status);
  });

  test('bytes without a request line: JSON, since most clients are those of the API', async () => {
    expectJson(await exchange(server, '\x16\x03\x01 no HTTP\r\n\r\n'), 400, 'Bad Request.');
  });

  test.each([
    ['HTTP/1.1 without a host', 'GET {} HTTP/1.1\r\nConnection: close\r\n\r\n', 400, 'Bad Request.'],
    [
      'an expectation that nobody meets',
      'GET {} HTTP/1.1\r\nHost: x\r\nExpect: wonders\r\nConnection: close\r\n\r\n',
      417,
      'Expectation Failed.',
    ],
  ])('%s: JSON inside the API, a page outside', async (_what, bytes, status, detail) => {
    expectJson(await exchange(server, bytes.replace('{}', PAIRS)), status, detail);
    expectPage(await exchange(server, bytes.replace('{}', '/nope/')), status);
  });

  test('a target in absolute form: by its path', async () => {
    const bytes = (path: string) => `GET http://x${path}%zz/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`;
    expectJson(await exchange(server, bytes(PAIRS)), 400, 'Bad Request.');
    expectPage(await exchange(server, bytes('/nope/')), 400);
  });

  test('two hosts: as none', async () => {
    const bytes = `GET ${PAIRS} HTTP/1.1\r\nHost: x\r\nHost: y\r\nConnection: close\r\n\r\n`;
    expectJson(await exchange(server, bytes), 400, 'Bad Request.');
  });

  test('bytes that follow a sound request: after its own answer', async () => {
    const { certificate } = opensslPair();
    const body = JSON.stringify({ name: 'before the noise', certificate_data: certificate });
    const request = head(`POST ${PAIRS} HTTP/1.1`, server, `Content-Length: ${Buffer.byteLength(body)}`);
    const answers = await exchangeAll(server, `${request}\r\n${body}\x16\x03\x01 no HTTP\r\n\r\n`);
    expect(answers.map(({ status }) => status)).toEqual([201, 400]);
    expectJson(answers.at(-1), 400, 'Bad Request.');
  });

  test('a body that never comes, of a request that was answered before it: by nothing more', async () => {
    const bytes = 'POST /-/health/live/ HTTP/1.1\r\nHost: x\r\nContent-Length: 50\r\n\r\n';
    const answers = await exchangeAll(hasty, bytes);
    expect(answers.map(({ status }) => status)).toEqual([200]);
  });

  test('HTTP/1.0 needs no host', async () => {
    const answer = await exchange(server, 'GET /-/health/live/ HTTP/1.0\r\n\r\n');
    expect(answer.status).toBe(200);
  });

  test('and the next request of somebody else is served', async () => {
    await exchange(server, 'nothing\r\n\r\n');
    expect((await ask(server, { method: 'GET', path: PAIRS })).status).toBe(200);
  });
});
