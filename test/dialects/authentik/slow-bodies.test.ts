import { afterAll, beforeAll, expect, test } from 'vitest';
import { opensslPair } from '../../support/openssl.ts';
import { PAIRS, type TestServer } from '../../support/server.ts';
import { type SlowBodies, startForSlowBodies } from '../../support/slow-bodies.ts';
import { until } from '../../support/until.ts';
import { made, NO_PERMISSION, NOT_FOUND, TOKENS } from './tokens/support/api.ts';

const TOKEN_INVALID = { detail: 'Token invalid/expired' };
const { certificate } = opensslPair('slow.example');

let server: TestServer;
let slowly: SlowBodies['slowly'];
let letThrough: SlowBodies['letThrough'];
beforeAll(async () => {
  ({ server, slowly, letThrough } = await startForSlowBodies());
});
afterAll(() => server.close());

const revoke = (identifier: string) => server.request('DELETE', `${TOKENS}${identifier}/`);

async function makePair(): Promise<string> {
  const created = await server.request('POST', PAIRS, { name: crypto.randomUUID(), certificate_data: certificate });
  return ((await created.json()) as { pk: string }).pk;
}

test('a token that is revoked while a body is on its way makes no other token', async () => {
  const { key, identifier } = await made(server, { permissions: ['add_token'] });
  const successor = { identifier: crypto.randomUUID(), permissions: ['add_token'], expiring: false };

  expect(await slowly(key, 'POST', TOKENS, successor, () => revoke(identifier))).toEqual({
    status: 403,
    body: TOKEN_INVALID,
  });
  const looked = await server.request('GET', `${TOKENS}${successor.identifier}/`);
  expect({ status: looked.status, body: await looked.json() }).toEqual({ status: 404, body: NOT_FOUND });
});

test('a right that is taken away while a body is on its way does not change a pair', async () => {
  const pair = await makePair();
  const permissions = ['view_certificatekeypair', 'change_certificatekeypair'];
  const { key, identifier } = await made(server, { permissions });
  const take = () => server.request('PATCH', `${TOKENS}${identifier}/`, { permissions: permissions.slice(0, 1) });

  expect(await slowly(key, 'PATCH', `${PAIRS}${pair}/`, { name: 'taken over' }, take)).toEqual({
    status: 403,
    body: NO_PERMISSION,
  });
});

test('a generation that was waiting for its turn when its token was revoked is not stored', async () => {
  const { key, identifier } = await made(server, { permissions: ['add_certificatekeypair'] });
  const name = crypto.randomUUID();
  const headers = { authorization: `Bearer ${key}` };
  const body = { common_name: name, validity_days: 1, alg: 'rsa' };
  // An RSA key takes longer than the revocation, which begins once the request is past what its head decides.
  const generation = server.request('POST', `${PAIRS}generate/`, body, headers);
  const before = letThrough();
  await until(() => letThrough() > before);
  await revoke(identifier);

  const answer = await generation;
  expect({ status: answer.status, body: await answer.json() }).toEqual({ status: 403, body: TOKEN_INVALID });
  const listed = await server.request('GET', `${PAIRS}?name=${name}`);
  expect(await listed.json()).toMatchObject({ results: [] });
});

test('a slow body of a caller who still may is taken', async () => {
  const pair = await makePair();
  const name = crypto.randomUUID();
  const { key } = await made(server, { permissions: ['view_certificatekeypair', 'change_certificatekeypair'] });

  expect(await slowly(key, 'PATCH', `${PAIRS}${pair}/`, { name }, async () => {})).toMatchObject({
    status: 200,
    body: { name },
  });
});
