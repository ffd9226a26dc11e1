import { request as sendRequest } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { oauthAnswerTo, oauthErrorBody } from '../../../../src/dialects/strata/oauth2/errors.ts';
import { StoreUnavailable } from '../../../../src/keypairs/index.ts';
import { exposure } from '../../../http/support/exposure.ts';
import { present } from '../../../support/present.ts';
import { startServer, type TestServer } from '../../../support/server.ts';
import { until } from '../../../support/until.ts';
import { ask, basic, makeClient, TOKEN_BASES } from './support/oauth.ts';

const GRANT = { grant_type: 'client_credentials' };

let server: TestServer;
beforeAll(async () => {
  server = await startServer({ exposure: exposure({ rateLimits: { token: 0, address: 0, failedLogins: 2 } }) });
});
afterAll(() => server.close());

/** Not by fetch, which refuses some methods. */
function send(method: string, path: string): Promise<{ status: number; allow: string | undefined; text: string }> {
  return new Promise((resolve, reject) => {
    const sent = sendRequest(server.url + path, { method }, async (response) => {
      const text = Buffer.concat(await response.toArray()).toString();
      resolve({ status: response.statusCode ?? 0, allow: response.headers.allow, text });
    });
    sent.on('error', reject).end();
  });
}

describe.each(TOKEN_BASES)('below %s', (base) => {
  it.each(['GET', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND'])('%s of access_token is 405', async (method) => {
    const { status, allow, text } = await send(method, `${base}/access_token`);
    expect([status, allow, JSON.parse(text)]).toEqual([
      405,
      'POST',
      { error: 'invalid_request', error_description: 'the path lacks this method' },
    ]);
  });

  it('POST of the keys is 405, HEAD is not', async () => {
    expect(await send('POST', `${base}/connect/jwk_uri`)).toMatchObject({ status: 405, allow: 'GET, HEAD' });
    expect(await send('HEAD', `${base}/connect/jwk_uri`)).toMatchObject({ status: 200, text: '' });
  });
});

it('a body beyond 16 KiB is 413', async () => {
  const { status, json } = await ask(server, { ...GRANT, junk: 'a'.repeat(16 * 1024) });
  expect([status, json['error']]).toEqual([413, 'invalid_request']);
});

it('too many failed logins are 429 with Retry-After, and hinder nobody whose login succeeds', async () => {
  const client = await makeClient(server);
  const answers = [];
  for (let attempt = 0; attempt < 4; attempt++) {
    answers.push(await ask(server, GRANT, basic('nobody', `wrong ${attempt}`)));
  }
  expect(answers.map(({ status }) => status)).toEqual([401, 401, 429, 429]);
  const { json, headers } = present(answers[3]);
  expect(json['error']).toBe('temporarily_unavailable');
  expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
  expect((await ask(server, GRANT, basic(client.identifier, client.secret))).status).toBe(200);
});

it('repeated failed logins are told to the audit trail', async () => {
  const own = await startServer();
  try {
    for (let attempt = 0; attempt < 25; attempt++) {
      await ask(own, GRANT, basic('nobody', `wrong ${attempt}`));
    }
    await until(
      async () => (await own.database.query("SELECT 1 FROM events WHERE action = 'login_failed'")).length > 0,
    );
  } finally {
    await own.close();
  }
});

it('a mistake of the server is told without an id, of which the answer has none', () => {
  const { status, body } = oauthAnswerTo(new Error('a mistake'));
  expect([status, body]).toEqual([500, { error: 'server_error', error_description: 'the server can not answer' }]);
});

it('a database that is away is 503 with Retry-After, as elsewhere', () => {
  const { status, headers, body } = oauthAnswerTo(new StoreUnavailable(new Error('gone')));
  expect([status, headers['retry-after'], body.error]).toEqual([503, '5', 'temporarily_unavailable']);
  expect(headers['cache-control']).toBe('no-store');
});

it.each([
  [400, 'invalid_request'],
  [401, 'invalid_client'],
  [404, 'invalid_request'],
  [408, 'invalid_request'],
  [413, 'invalid_request'],
  [417, 'invalid_request'],
  [429, 'temporarily_unavailable'],
  [431, 'invalid_request'],
  [500, 'server_error'],
  [501, 'invalid_request'],
  [503, 'temporarily_unavailable'],
])('what never gets to a route has OAuth2’s shape too: %d', (status, error) => {
  expect(oauthErrorBody(status)).toEqual({ error, error_description: expect.stringMatching(/^[^"\\]+$/) });
});
