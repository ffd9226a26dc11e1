import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { TestServer } from '../../support/server.ts';
import { startForSlowBodies } from '../../support/slow-bodies.ts';
import { ask } from '../authentik/errors/support/refusal.ts';
import { made, TOKENS } from '../authentik/tokens/support/api.ts';
import { certificatesOf, keep, makeAccount, UNKNOWN_ID } from './support/accounts.ts';
import { expectProblem, problemOf } from './support/problems.ts';

let server: TestServer;
let slowly: Awaited<ReturnType<typeof startForSlowBodies>>['slowly'];
let certificates: string;
beforeAll(async () => {
  ({ server, slowly } = await startForSlowBodies());
  certificates = certificatesOf(await makeAccount(server));
});
afterAll(() => server.close());

const ALL = [
  ['GET', ''],
  ['POST', ''],
  ['GET', `/${UNKNOWN_ID}`],
  ['PUT', `/${UNKNOWN_ID}`],
  ['DELETE', `/${UNKNOWN_ID}`],
  ['GET', '/bundle.pem'],
  ['PATCH', ''],
  ['QUERY', `/${UNKNOWN_ID}`],
] as const;

describe.each(ALL)('%s certificates%s', (method, below) => {
  test.each([null, '', 'Basic dXNlcjpwYXNz', 'Bearer', 'Bearer ', 'certkeep_token', 'Token nope'])(
    '3: no token is in "%s"',
    async (authorization) => {
      const answer = await expectProblem(server, { method, path: certificates + below, headers: { authorization } }, 3);
      // RFC 9110 §11.6.1.
      expect(answer.headers['www-authenticate']).toBe('Bearer');
    },
  );

  test.each(['Bearer nope', 'bearer nope', 'BEARER   nope', 'Bearer two words', `Bearer ${'x'.repeat(9000)}`])(
    '4: a token that is none (%#)',
    async (authorization) => {
      const answer = await expectProblem(server, { method, path: certificates + below, headers: { authorization } }, 4);
      expect(answer.headers['www-authenticate']).toBe('Bearer');
    },
  );

  test('4: a token that is good in other realms alone', async () => {
    const token = await server.tokenWith([], { superuser: true, reach: ['authentik', 'strata'] });
    const headers = { authorization: `Bearer ${token}` };
    await expectProblem(server, { method, path: certificates + below, headers }, 4);
  });

  test('the token comes before the account: neither its form nor its being there is told without one', async () => {
    for (const path of [certificatesOf('no-uuid'), certificatesOf(UNKNOWN_ID)]) {
      await expectProblem(server, { method, path: path + below, headers: { authorization: null } }, 3);
    }
  });
});

test('a token is let in whichever way the scheme is written, and in a header of any case', async () => {
  for (const headers of [
    { authorization: `bearer ${server.token}` },
    { authorization: null, AUTHORIZATION: `BEARER   ${server.token}` },
  ]) {
    expect((await ask(server, { method: 'GET', path: certificates, headers })).status).toBeLessThan(300);
  }
});

test('a token that was revoked in another process writes nothing from then on', async () => {
  const account = await makeAccount(server);
  const path = `${certificatesOf(account)}/${await keep(server, account)}`;
  const { key, identifier } = await made(server, { is_superuser: true, reach: [`astra:${account}`] });
  const headers = { authorization: `Bearer ${key}` };
  // Remembered from here on.
  expect((await ask(server, { method: 'GET', path, headers })).status).toBe(200);
  await server.database.query('UPDATE tokens SET revoked_at = now() WHERE identifier = $1', [identifier]);

  await expectProblem(server, { method: 'DELETE', path, headers }, 4);
  expect((await ask(server, { method: 'GET', path })).status).toBe(200);
});

describe('what is taken away while a body is on its way ends nothing', () => {
  test.each([
    ['4: the token', 'revoke', 4],
    ['11: the right', 'permissions', 11],
    ['1: the certificate', 'view', 1],
    ['11: the account', 'reach', 11],
  ] as const)('%s', async (_what, taken, number) => {
    const account = await makeAccount(server);
    const [id, other] = [await keep(server, account), await keep(server, account)];
    const view = 'view_certificatekeypair_certificate';
    const onOther = [`${view}@${other}`, `delete_certificatekeypair@${other}`];
    const both = [...onOther, `${view}@${id}`, `delete_certificatekeypair@${id}`];
    const { key, identifier } = await made(server, { permissions: both, reach: [`astra:${account}`] });
    const changes = {
      permissions: { permissions: [`${view}@${id}`] },
      view: { permissions: onOther },
      reach: { reach: [`astra:${UNKNOWN_ID}`] },
    };
    const meanwhile = () =>
      taken === 'revoke'
        ? server.request('DELETE', `${TOKENS}${identifier}/`)
        : server.request('PATCH', `${TOKENS}${identifier}/`, changes[taken]);
    const answer = await slowly(key, 'DELETE', `${certificatesOf(account)}/${id}`, {}, meanwhile);

    expect(answer.body).toEqual(problemOf(number));
    expect(await server.database.query('SELECT 1 FROM trust_entries WHERE keypair_id = $1', [id])).toHaveLength(1);
  });
});
