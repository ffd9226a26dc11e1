import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { answerUnrouted } from '../../../src/dialects/astra/unrouted.ts';
import { sendRaw } from '../../support/send-raw.ts';
import { startServer, type TestServer } from '../../support/server.ts';
import { ask } from '../authentik/errors/support/refusal.ts';
import { certificatesOf, makeAccount, UNKNOWN_ID } from './support/accounts.ts';
import { A_UUID, expectBody, expectProblem, problemOf, wordsOf } from './support/problems.ts';

let server: TestServer;
let account: string;
let certificates: string;
beforeAll(async () => {
  server = await startServer({ requestTimeoutMs: 1000 });
  account = await makeAccount(server);
  certificates = certificatesOf(account);
});
afterAll(() => server.close());

const plain = (status: number, title: string) => ({
  type: 'about:blank',
  title,
  detail: expect.stringMatching(/^[A-Z].*\.$/),
  status: String(status),
  correlationID: A_UUID,
});

test.each([
  '/accounts',
  '/accounts/',
  '/accounts/{account}',
  '/accounts/{account}/topology/v1/clouds',
  '/accounts/{account}/core/v1',
  '/accounts/{account}/core/v1/certificates/',
  '/accounts/{account}/core/v1/certificates/x/y',
  '/accounts/{account}/core/v1/certificates/%2F',
  '/accounts/{account}/core/v1/certificates/bundle.pem/',
  '/accounts/{account}/core/v2/certificates',
  '/accounts/{account}/core/v1/credentials?filter=a',
  '/accounts/{account}/core/v1/Certificates',
])('2: there is no %s, with a token or without', async (template) => {
  const path = template.replace('{account}', account);
  for (const authorization of [null, `Bearer ${server.token}`, 'Bearer nope']) {
    const headers = { authorization };
    await expectProblem(server, { method: 'GET', path, headers }, 2);
    await expectProblem(server, { method: 'POST', path, headers, body: '{' }, 2);
    await expectProblem(server, { method: 'DELETE', path, headers, body: {} }, 2);
  }
  const answer = await ask(server, { method: 'GET', path });
  const { correlationID: id } = JSON.parse(answer.text) as { correlationID: string };
  expect(server.log().map(({ reqId }) => reqId)).toContain(id);
});

test('paths that only look alike are authentik’s', async () => {
  for (const path of ['/accountsx', '/account', `/Accounts/${UNKNOWN_ID}/core/v1/certificates`]) {
    const { status, headers } = await ask(server, { method: 'GET', path });
    expect([status, headers['content-type']]).toEqual([404, 'text/html; charset=utf-8']);
  }
});

describe('69: a method that a path lacks', () => {
  const PATHS = [
    ['', 'GET, POST'],
    [`/${UNKNOWN_ID}`, 'GET, PUT, DELETE'],
    ['/no-id', 'GET, PUT, DELETE'],
    ['/bundle.pem', 'GET'],
  ] as const;

  test.each(PATHS)('certificates%s has %s', async (below, allow) => {
    for (const method of ['GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'TRACE', 'PROPFIND']) {
      if (!allow.split(', ').includes(method)) {
        const answer = await expectProblem(server, { method, path: certificates + below }, 69);
        expect(answer.headers.allow).toBe(allow);
      }
    }
    // HEAD's answer has no body, and a client library has a QUERY of its own with one.
    const head = await ask(server, { method: 'HEAD', path: certificates + below });
    expect([head.status, head.headers.allow, head.text]).toEqual([405, allow, '']);
    const query = await expectProblem(server, { method: 'QUERY', path: certificates + below, body: '{' }, 69);
    expect(query.headers.allow).toBe(allow);
  });

  test('is told to those alone who are let into the account', async () => {
    const path = certificatesOf(UNKNOWN_ID);
    await expectProblem(server, { method: 'PATCH', path: certificates, headers: { authorization: null } }, 3);
    await expectProblem(server, { method: 'PATCH', path }, 18);
  });
});

test('what Node and Fastify refuse is a problem too', async () => {
  const get = `GET ${certificates}`;
  const tooLarge = await sendRaw(server.url, `${get}/${'x'.repeat(20_000)} HTTP/1.1\r\nhost: x\r\n\r\n`);
  expectBody(tooLarge, 431, plain(431, 'Request Header Fields Too Large'));
  const expecting = await sendRaw(server.url, `${get} HTTP/1.1\r\nhost: x\r\nexpect: tea\r\nconnection: close\r\n\r\n`);
  expectBody(expecting, 417, plain(417, 'Expectation Failed'));
  for (const broken of [`${get} HTTP/1.1\r\nhost x\r\n\r\n`, `${get} HTTP/1.1\r\n\r\n`]) {
    expectBody(await sendRaw(server.url, broken), 400, plain(400, 'Bad Request'));
  }
  const slow = `POST ${certificates} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${server.token}\r\ncontent-length: 5`;
  expectBody(await sendRaw(server.url, `${slow}\r\n\r\nx`), 408, plain(408, 'Request Timeout'));
  for (const path of [`${certificates}/%zz`, `${certificates}/%E0%A4%A`]) {
    expectBody(await ask(server, { method: 'GET', path }), 400, plain(400, 'Bad Request'));
  }
});

test.each([
  [413, 85],
  [503, 41],
  [500, 34],
  [502, 34],
] as const)('a refusal in front of all routes with %i is problem %i', (status, number) => {
  const { contentType, body } = answerUnrouted('/accounts', status, crypto.randomUUID());
  expect(contentType).toBe('application/problem+json');
  expect(JSON.parse(body)).toEqual(problemOf(number));
  expect(wordsOf(number).status).toBe(status === 502 ? 500 : status);
});

test.each([
  [414, 'URI Too Long'],
  [429, 'Too Many Requests'],
])('a refusal in front of all routes with %i has no number', (status, title) => {
  expect(JSON.parse(answerUnrouted('/accounts', status, crypto.randomUUID()).body)).toEqual(plain(status, title));
});
