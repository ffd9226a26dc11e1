import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sendRaw } from '../../support/send-raw.ts';
import { startServer, type TestServer } from '../../support/server.ts';
import { ask } from '../authentik/errors/support/refusal.ts';
import {
  expectEnvelope,
  expectError,
  INVALID_CREDENTIAL,
  METHOD_NOT_SUPPORTED,
  NOT_AUTHENTICATED,
  NOT_PRESENT,
  UNKNOWN_ID,
} from './support/envelope.ts';
import { BASES, seed } from './support/seed.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startServer({ requestTimeoutMs: 1000 });
});
afterAll(() => server.close());

const invalidCommand = { status: 400, code: 'E003', message: 'Invalid Command' };
const malformedCommand = { status: 400, code: 'E003', message: 'Malformed Command' };
const versionNotSupported = { status: 501, code: 'E012', message: 'Version Not Supported' };
const actionNotSupported = (action: string) => ({
  status: 405,
  code: 'E012',
  message: `Action Not Supported: ${action}`,
});

describe.each(BASES)('%s', (base) => {
  const certificates = `${base}/certificates`;

  test.each(['POST', 'PUT', 'GET'])('405: an action that there is not, by %s', async (method) => {
    for (const target of [certificates, `${certificates}/${UNKNOWN_ID}`]) {
      for (const colon of [':', '%3A', '%3a']) {
        await expectError(server, { method, path: `${target}${colon}move` }, actionNotSupported('move'));
      }
    }
    await expectError(server, { method, path: `${certificates}:toString` }, actionNotSupported('toString'));
  });

  test.each([':export', `/${UNKNOWN_ID}:import`])('400: %s is an action on the wrong target', async (path) => {
    await expectError(server, { method: 'POST', path: certificates + path }, invalidCommand);
  });

  test.each([':', ':%20', ':mo.ve', `:${'x'.repeat(65)}`, `/${UNKNOWN_ID}:`, `/${UNKNOWN_ID}:a:export`])(
    '400: %s is no action',
    async (path) => {
      await expectError(server, { method: 'POST', path: certificates + path }, malformedCommand);
    },
  );

  test.each(['GET', 'HEAD', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE'])(
    '501: actions are not there for %s',
    async (method) => {
      for (const action of [':import', `/${UNKNOWN_ID}:export`]) {
        const answer = await ask(server, { method, path: certificates + action });
        expect([answer.status, answer.headers.allow]).toEqual([501, 'POST']);
      }
    },
  );

  test.each(['PUT', 'PATCH', 'OPTIONS', 'TRACE', 'PROPFIND'])('501: no path has %s', async (method) => {
    const { id } = await seed(server);
    for (const [path, allow] of [
      [certificates, 'GET, HEAD, POST'],
      [`${certificates}/${id}`, 'GET, HEAD, DELETE'],
    ] as const) {
      const answer = await expectError(server, { method, path }, { ...METHOD_NOT_SUPPORTED, says: method });
      expect(answer.headers.allow).toBe(allow);
    }
  });

  test('501: DELETE of them all, POST of one', async () => {
    await expectError(server, { method: 'DELETE', path: certificates }, METHOD_NOT_SUPPORTED);
    await expectError(server, { method: 'POST', path: `${certificates}/${UNKNOWN_ID}` }, METHOD_NOT_SUPPORTED);
  });

  test.each(['v2', 'v11', 'v1.1', 'v0'])('501: the version %s', async (version) => {
    const root = base.replace('v1', version);
    for (const [method, path] of [
      ['GET', `${root}/certificates?folder=Shared`],
      ['POST', `${root}/certificates:import`],
      ['DELETE', `${root}/anything/at/all`],
      ['GET', root],
    ] as const) {
      await expectError(server, { method, path }, versionNotSupported);
    }
  });

  test.each([
    '',
    '/',
    '/other',
    '/certificates/',
    `/certificates/${UNKNOWN_ID}/x`,
    '/certificates:a/b',
    '/certificates%2Fa',
  ])('404: there is no %s', async (path) => {
    await expectError(server, { method: 'GET', path: base + path }, NOT_PRESENT);
    await expectError(server, { method: 'POST', path: base + path, body: '{' }, NOT_PRESENT);
  });

  test('401: neither an action nor a method nor a version is told to whoever has no token', async () => {
    for (const [method, path] of [
      ['POST', `${certificates}:move`],
      ['PUT', certificates],
      ['GET', base.replace('v1', 'v2')],
    ] as const) {
      await expectError(server, { method, path, headers: { authorization: null } }, NOT_AUTHENTICATED);
      await expectError(server, { method, path, headers: { authorization: 'Bearer nope' } }, INVALID_CREDENTIAL);
    }
  });

  test('400: a path that can not be decoded', async () => {
    const badXPath = { status: 400, code: 'E013', message: 'Bad XPath' };
    await expectError(server, { method: 'GET', path: `${certificates}/%E0%A4%A` }, badXPath);
    await expectError(server, { method: 'GET', path: `${certificates}/%zz` }, badXPath);
  });

  test('431: a head that is larger than Node takes', async () => {
    const answer = await sendRaw(server.url, `GET ${certificates}/${'x'.repeat(20_000)} HTTP/1.1\r\nhost: x\r\n\r\n`);
    expectEnvelope(answer, { status: 431, code: 'TOO_LARGE', message: 'Header Too Large' });
  });

  test('417, 408 and 400 of what Node refuses, each in the envelope', async () => {
    const { id } = await seed(server);
    expectEnvelope(
      await sendRaw(server.url, `GET ${certificates} HTTP/1.1\r\nhost: x\r\nexpect: tea\r\nconnection: close\r\n\r\n`),
      { status: 417, code: 'EXPECTATION_FAILED', message: 'Expectation Failed' },
    );
    expectEnvelope(
      await sendRaw(
        server.url,
        `DELETE ${certificates}/${id} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${server.token}\r\ncontent-length: 5\r\n\r\nx`,
      ),
      {
        status: 408,
        code: 'TIMEOUT',
        message: 'Request Timeout',
      },
    );
    expectEnvelope(await sendRaw(server.url, `GET ${certificates} HTTP/1.1\r\nhost x\r\n\r\n`), malformedCommand);
    expectEnvelope(await sendRaw(server.url, `GET ${certificates} HTTP/1.1\r\n\r\n`), malformedCommand);
  });
});

test.each(['/config/identity', '/sse/config/', '/config/identity/latest/certificates'])(
  '404: what names no version is no path: %s',
  async (path) => {
    await expectError(server, { method: 'GET', path }, NOT_PRESENT);
  },
);

test('paths that only look alike are authentik’s', async () => {
  for (const path of ['/config/identityx', '/sse/configuration/v1', '/config']) {
    const { status, headers } = await ask(server, { method: 'GET', path });
    expect([status, headers['content-type']]).toEqual([404, 'text/html; charset=utf-8']);
  }
});

test('where tokens are asked for, errors have OAuth2’s shape', async () => {
  for (const base of ['/oauth2', '/auth/v1/oauth2', '/am/oauth2']) {
    const answer = await ask(server, { method: 'GET', path: `${base}/%zz` });
    expect([answer.status, JSON.parse(answer.text)]).toEqual([
      400,
      { error: 'invalid_request', error_description: expect.any(String) },
    ]);
  }
});
