import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { NotAuthenticated, PermissionDenied, TokenInvalid } from '../../../src/access/index.ts';
import { answerTo, bodyOf } from '../../../src/dialects/astra/error-answers.ts';
import {
  Abandoned,
  AccountGone,
  Busy,
  CertificateBroken,
  CertificateExpired,
  CertificateRefused,
  type CertificateRefusedCode,
  type KeypairId,
  KeypairNotFound,
  ServerEnding,
  StoreUnavailable,
} from '../../../src/keypairs/index.ts';
import { exposure } from '../../http/support/exposure.ts';
import { startServer, type TestServer } from '../../support/server.ts';
import { ask } from '../authentik/errors/support/refusal.ts';
import { certificatesOf, makeAccount, UNKNOWN_ID } from './support/accounts.ts';
import { A_UUID, expectBody, expectProblem, problemOf, wordsOf } from './support/problems.ts';

let server: TestServer;
let certificates: string;
beforeAll(async () => {
  server = await startServer({ bodyLimit: 1000 });
  certificates = certificatesOf(await makeAccount(server));
});
afterAll(() => server.close());

const plain = (status: number, title: string) => ({
  type: 'about:blank',
  title,
  detail: expect.stringMatching(/^[A-Z].*\.$/),
  status: String(status),
  correlationID: A_UUID,
});

test('tokens that are not let in again and again are told of, by the id of the request', async () => {
  const own = await startServer();
  try {
    let last = '';
    for (let failure = 1; failure <= 5; failure++) {
      const headers = { authorization: `Bearer ${failure === 5 ? 'x'.repeat(9000) : 'nope'}` };
      const { text } = await expectProblem(own, { method: 'GET', path: certificates, headers }, 4);
      last = (JSON.parse(text) as { correlationID: string }).correlationID;
    }
    const events = await own.database.query("SELECT request_id FROM events WHERE action = 'login_failed'");
    expect(events).toEqual([{ request_id: last }]);
  } finally {
    await own.close();
  }
});

test('85: a body over the limit', async () => {
  for (const [method, below] of [
    ['POST', ''],
    ['PATCH', ''],
  ] as const) {
    await expectProblem(server, { method, path: certificates + below, body: ' '.repeat(1001) }, 85);
  }
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
    // At once: while they come one after the other, there may be room again.
    const asking = Array.from({ length: 40 }, () => ask(limited, { method: 'GET', path: certificates }));
    const refused = (await Promise.all(asking)).filter(({ status }) => status >= 300);
    expect(refused.length).toBeGreaterThan(0);
    expect(refused.length).toBeLessThanOrEqual(30);
    for (const answer of refused) {
      expectBody(answer, 429, plain(429, 'Too Many Requests'));
      expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
    }

    const headers = { authorization: `Bearer ${'x'.repeat(5000)}` };
    await expectProblem(limited, { method: 'GET', path: certificates, headers }, 4);
    const failed = await ask(limited, { method: 'GET', path: certificates, headers });
    expectBody(failed, 429, plain(429, 'Too Many Requests'));
  } finally {
    await limited.close();
  }
});

const ID = UNKNOWN_ID as KeypairId;
const of = (fields: object, message = 'x') => Object.assign(new Error(message), fields);
const refused = (code: CertificateRefusedCode) => new CertificateRefused(code, 'secret');
const ofCert = (reason: RegExp) => ({ invalidFields: [{ name: 'cert', reason: expect.stringMatching(reason) }] });

describe('what is thrown is answered so', () => {
  test.each([
    [new NotAuthenticated(), 'GET', 3],
    [new TokenInvalid(), 'DELETE', 4],
    [new PermissionDenied('x'), 'GET', 11],
    [new KeypairNotFound(ID), 'GET', 2],
    [new KeypairNotFound(ID), 'PUT', 2],
    [new KeypairNotFound(ID), 'DELETE', 1],
    [new AccountGone(), 'POST', 18],
    [new CertificateExpired(ID), 'PUT', 110],
    [new CertificateBroken(ID), 'PUT', 109],
    [new StoreUnavailable(of({ code: 'ECONNREFUSED' })), 'GET', 41],
    // Also where the database did not answer in time.
    [new StoreUnavailable(of({ code: '57014' })), 'PUT', 41],
    [new Busy('CHAIN', 7), 'POST', 41],
    [new ServerEnding(), 'POST', 41],
    [of({ code: 'FST_ERR_CTP_BODY_TOO_LARGE' }), 'POST', 85],
    [of({}, 'secret'), 'GET', 34],
    [of({ code: 'constructor' }), 'GET', 34],
    ['secret', 'GET', 34],
  ] as const)('%s, by %s: %i', (thrown, method, number) => {
    const answer = answerTo(thrown, method);
    expect(answer.status).toBe(wordsOf(number).status);
    expect(bodyOf(answer, crypto.randomUUID())).toEqual(problemOf(number));
    expect(answer.headers['www-authenticate']).toBe([3, 4].includes(number) ? 'Bearer' : undefined);
    expect(answer.headers['retry-after'] !== undefined).toBe(number === 41);
  });

  test.each([
    ['NOT_A_CERTIFICATE', /no X\.509 certificate/],
    ['BEYOND_LIMITS', /larger/],
    ['HOLDS_PRIVATE_KEY', /private key/],
    ['SEVERAL_CERTIFICATES', /more than one/],
    ['NO_COMMON_NAME', /no common name/],
    ['COMMON_NAME_TOO_LONG', /511/],
  ] as const)('a certificate that is refused for %s: 9, and of which field', (code, reason) => {
    const answer = answerTo(refused(code), 'POST');
    expect(bodyOf(answer, crypto.randomUUID())).toEqual(problemOf(9, ofCert(reason)));
    expect(answer).toMatchObject({ status: 400, reasons: { cert: `${code}: secret` } });
  });

  test.each([
    [new Abandoned(), 499, 'Client Closed Request'],
    [of({ code: 'ECONNRESET' }), 499, 'Client Closed Request'],
    [of({ code: 'FST_ERR_CTP_INVALID_CONTENT_LENGTH' }), 400, 'Bad Request'],
  ])('%s: %i, which the catalogue has no number for', (thrown, status, title) => {
    const answer = answerTo(thrown, 'POST');
    expect([answer.status, bodyOf(answer, crypto.randomUUID())]).toEqual([status, plain(status, title)]);
  });
});
