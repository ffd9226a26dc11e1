import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { answerTo } from '../../../src/dialects/strata/error-answers.ts';
import { Abandoned, Busy, KekUnknown, ServerEnding, StoreUnavailable } from '../../../src/keypairs/index.ts';
import { SealBroken } from '../../../src/sealing/index.ts';
import { exposure } from '../../http/support/exposure.ts';
import { whileLocked } from '../../support/held-lock.ts';
import { startServer, type TestServer } from '../../support/server.ts';
import { ask } from '../authentik/errors/support/refusal.ts';
import { expectEnvelope, expectError, INVALID_CREDENTIAL, NOT_AUTHENTICATED, read } from './support/envelope.ts';
import { BASES, CURRENT, seed } from './support/seed.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.close());

const LIST = `${CURRENT}/certificates?folder=Shared`;

describe('§9: 401', () => {
  test.each([
    [null, NOT_AUTHENTICATED],
    ['', NOT_AUTHENTICATED],
    ['Basic dXNlcjpwYXNz', NOT_AUTHENTICATED],
    ['Bearer', NOT_AUTHENTICATED],
    ['Bearer nope', INVALID_CREDENTIAL],
    ['bearer nope', INVALID_CREDENTIAL],
    [`Bearer ${'x'.repeat(1100)}`, INVALID_CREDENTIAL],
    [`Bearer ${'x'.repeat(4100)}`, { status: 401, code: 'E016', message: 'Key Too Long' }],
    [`Bearer ${'x.'.repeat(3000)}`, { status: 401, code: 'E016', message: 'Key Too Long' }],
  ])('%#: no token, or one that is not let in', async (authorization, expected) => {
    for (const base of BASES) {
      const path = `${base}/certificates?folder=Shared`;
      const answer = await expectError(server, { method: 'GET', path, headers: { authorization } }, expected);
      // RFC 9110 §11.6.1.
      expect(answer.headers['www-authenticate']).toBe('Bearer');
    }
  });
});

test('each answer carries the id under which the log knows its request', async () => {
  const answer = await expectError(
    server,
    { method: 'GET', path: LIST, headers: { authorization: null } },
    NOT_AUTHENTICATED,
  );
  const { _request_id: id } = JSON.parse(answer.text) as { _request_id: string };

  const logged = server.log().filter(({ reqId }) => reqId === id);
  expect(logged.map(({ msg }) => msg)).toContain('request completed');
});

test('429: too many requests, and when to ask again', async () => {
  const limited = await startServer(
    {
      kek: server.kek,
      bootstrapToken: server.token,
      exposure: exposure({ rateLimits: { token: 1, address: 0, failedLogins: 1 } }),
    },
    server.database,
  );
  try {
    const tooMany = { status: 429, code: 'TOO_MANY_REQUESTS', message: 'Too Many Requests' };
    // At once: while they come one after the other, there may be room again.
    const asking = Array.from({ length: 40 }, () => ask(limited, { method: 'GET', path: LIST }));
    const refused = (await Promise.all(asking)).filter(({ status }) => status !== 200);
    expect(refused.length).toBeGreaterThan(0);
    expect(refused.length).toBeLessThanOrEqual(30);
    for (const answer of refused) {
      expectEnvelope(answer, tooMany);
      expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
    }

    const headers = { authorization: 'Bearer nope' };
    await expectError(limited, { method: 'GET', path: LIST, headers }, INVALID_CREDENTIAL);
    await expectError(limited, { method: 'GET', path: LIST, headers }, tooMany);
  } finally {
    await limited.close();
  }
});

test('504 where the database does not answer in time, 503 where it is away, both with when to ask again', async () => {
  const hurried = await startServer(
    { kek: server.kek, bootstrapToken: server.token, databaseTimeoutMs: 1000 },
    server.database,
  );
  try {
    const { id } = await seed(server);
    const path = `${CURRENT}/certificates/${id}`;
    const answer = await whileLocked(
      server.database,
      { rows: `SELECT FROM keypairs WHERE id = '${id}' FOR UPDATE` },
      () => ask(hurried, { method: 'DELETE', path }),
    );
    expectEnvelope(answer, { status: 504, code: '4', message: 'Session Timeout' });
    expect(answer.headers['retry-after']).toBe('5');
    // Nothing happened, so that it can be asked for again.
    expect(await read(server, path)).toMatchObject({ id });
  } finally {
    await hurried.close();
  }
});

test('500: of a mistake nothing is told but where to look', async () => {
  const broken = await startServer();
  broken.foreseeMistakes();
  try {
    await broken.database.query('ALTER TABLE keypairs RENAME COLUMN common_name TO lost_secret');
    const answer = await expectError(
      broken,
      { method: 'GET', path: LIST },
      { status: 500, code: 'INTERNAL', message: 'Internal Error' },
    );
    expect(answer.text).not.toMatch(/common_name|column/);
  } finally {
    await broken.close();
  }
});

describe('what is thrown is answered so', () => {
  const away = Object.assign(new Error('connect'), { code: 'ECONNREFUSED' });
  const identity = { purpose: 'private_key', rowId: 'x', revision: 1 } as const;
  const slow = (fields: object, message = 'x') => Object.assign(new Error(message), fields);

  test.each([
    [new StoreUnavailable(away), 503, 'Service Unavailable', '5'],
    [new StoreUnavailable(new Error('timeout exceeded when trying to connect')), 503, 'Service Unavailable', '5'],
    [new StoreUnavailable(slow({ code: '57P01' })), 503, 'Service Unavailable', '5'],
    [new StoreUnavailable(slow({ code: '57014' })), 504, 'Session Timeout', '5'],
    [new StoreUnavailable(slow({ code: '55P03' })), 504, 'Session Timeout', '5'],
    [new StoreUnavailable(slow({}, 'Query read timeout')), 504, 'Session Timeout', '5'],
    [new StoreUnavailable(slow({ cause: slow({ originalCode: '57014' }) })), 504, 'Session Timeout', '5'],
    [new Busy('KEY_GENERATION', 7), 503, 'Service Unavailable', '7'],
    [new ServerEnding(), 503, 'Service Unavailable', '5'],
    [new KekUnknown('k', identity), 503, 'Service Unavailable', '30'],
    [new SealBroken(identity), 500, 'Internal Error', undefined],
    [new Abandoned(), 499, 'Client Closed Request', undefined],
    [new Error('secret'), 500, 'Internal Error', undefined],
    ['secret', 500, 'Internal Error', undefined],
  ])('%s: %i', (thrown, status, errorType, retryAfter) => {
    const answer = answerTo(thrown);
    expect([answer.status, answer.errorType, answer.headers['retry-after']]).toEqual([status, errorType, retryAfter]);
    expect(JSON.stringify(answer)).not.toContain('secret');
  });
});
