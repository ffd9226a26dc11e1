import { once } from 'node:events';
import { request as sendRequest } from 'node:http';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { opensslPair } from '../../support/openssl.ts';
import { PAIRS, startServer, type TestServer } from '../../support/server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
  server.foreseeMistakes();
});
afterAll(() => server.close());

interface Told {
  readonly action: string;
  readonly app: string;
  readonly username: string;
  readonly client_address: string;
  readonly token_id: string;
  readonly model: string | null;
  readonly context: { readonly http_request: { readonly request_id: string } };
}

/** The events of a pair, oldest first. */
async function eventsOf(pk: string): Promise<Told[]> {
  const rows = await server.database.query<Omit<Told, 'context'> & { context: string }>(
    `SELECT action, app, username, client_address, token_id, model_app || '/' || model_name || '/' || model_pk AS model, context
     FROM events WHERE context LIKE $1 ORDER BY created_at`,
    [`%"pk":"${hex(pk)}"%`],
  );
  return rows.map((row) => ({ ...row, context: JSON.parse(row.context) as Told['context'] }));
}

const hex = (pk: string) => pk.replaceAll('-', '');

async function create(name: string) {
  const { certificate, privateKey } = opensslPair(`${name}.example`);
  const body = { name, certificate_data: certificate, key_data: privateKey };
  const created = await server.request('POST', PAIRS, body, { 'user-agent': 'the test' });
  const { pk } = (await created.json()) as { pk: string };
  return { pk, body, requestId: created.headers.get('x-authentik-id') };
}

test('a create is told as authentik tells it: what, by whom, from where, in which request', async () => {
  const { pk, requestId } = await create('told');
  const [event, ...others] = await eventsOf(pk);

  expect(others).toEqual([]);
  expect(event).toEqual({
    action: 'model_created',
    app: 'authentik.events.middleware',
    username: 'bootstrap',
    client_address: '127.0.0.1',
    token_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
    model: `authentik_crypto/certificatekeypair/${hex(pk)}`,
    context: {
      model: { pk: hex(pk), app: 'authentik_crypto', name: 'told', model_name: 'certificatekeypair' },
      http_request: { path: PAIRS, method: 'POST', args: {}, user_agent: 'the test', request_id: requestId },
    },
  });
});

test('a generated pair, each change, one without changes too, and a deletion are told once each', async () => {
  const generated = await server.request('POST', `${PAIRS}generate/`, {
    common_name: 'life',
    validity_days: 1,
    alg: 'ecdsa',
  });
  const { pk } = (await generated.json()) as { pk: string };
  const { certificate, privateKey } = opensslPair('life.example');
  await server.request('PATCH', `${PAIRS}${pk}/`, {});
  await server.request('PATCH', `${PAIRS}${pk}/`, { name: 'second life' });
  await server.request('PUT', `${PAIRS}${pk}/`, { name: 'third', certificate_data: certificate, key_data: privateKey });
  await server.request('DELETE', `${PAIRS}${pk}/`);

  const told = (await eventsOf(pk)).map(({ action, context }) => [
    action,
    (context as unknown as { model: { name: string } }).model.name,
  ]);
  expect(told).toEqual([
    ['model_created', 'life'],
    ['model_updated', 'life'],
    ['model_updated', 'second life'],
    ['model_updated', 'third'],
    ['model_deleted', 'third'],
  ]);
});

test.each([
  ['GET', 'view_certificate/', 'certificate'],
  ['GET', 'view_private_key/', 'private_key'],
  ['GET', 'view_private_key/?download', 'private_key'],
  ['HEAD', 'view_private_key/', 'private_key'],
  ['HEAD', 'view_certificate/?download=1', 'certificate'],
])('%s %s is told as a view of the %s', async (method, path, type) => {
  const { pk } = await create(`${method} ${path}`.replaceAll('/', ' '));
  const answer = await server.request(method, `${PAIRS}${pk}/${path}`);
  expect(answer.status).toBe(200);
  const [, event, ...others] = await eventsOf(pk);

  expect(others).toEqual([]);
  expect(event).toMatchObject({
    action: 'secret_view',
    app: 'authentik.crypto.api',
    model: `authentik_crypto/certificatekeypair/${hex(pk)}`,
    context: {
      secret: { pk: hex(pk), app: 'authentik_crypto', model_name: 'certificatekeypair' },
      type,
      http_request: { method, request_id: answer.headers.get('x-authentik-id') },
    },
  });
});

test('a view of the key of a pair that has none is told too', async () => {
  const { certificate } = opensslPair('keyless.example');
  const created = await server.request('POST', PAIRS, { name: 'keyless', certificate_data: certificate });
  const { pk } = (await created.json()) as { pk: string };
  const viewed = await server.request('GET', `${PAIRS}${pk}/view_private_key/`);

  expect(await viewed.json()).toEqual({ data: '' });
  expect((await eventsOf(pk)).map(({ action }) => action)).toEqual(['model_created', 'secret_view']);
});

test('what was refused, what is not there and what does not open is no view and no change', async () => {
  const { pk, body } = await create('failing');
  const anonymous = { authorization: '' };
  for (const attempt of [
    () => server.request('GET', `${PAIRS}${pk}/view_private_key/`, undefined, anonymous),
    () => server.request('GET', `${PAIRS}${pk}/view_private_key/?key_type=bogus`),
    () => server.request('PATCH', `${PAIRS}${pk}/`, { certificate_data: 'none' }),
    () => server.request('POST', PAIRS, body),
    () => server.request('DELETE', `${PAIRS}${pk}/`, undefined, anonymous),
  ]) {
    expect((await attempt()).status).toBeGreaterThanOrEqual(400);
  }
  await server.database.query(
    "UPDATE sealed_secrets SET tag = '\\x00000000000000000000000000000000' WHERE keypair_id = $1",
    [pk],
  );
  expect((await server.request('GET', `${PAIRS}${pk}/view_private_key/`)).status).toBe(500);

  // The view and the deletion without a token.
  const actions = ['model_created', 'suspicious_request', 'suspicious_request'];
  expect((await eventsOf(pk)).map(({ action }) => action)).toEqual(actions);
});

test('no event holds what is secret', async () => {
  const { pk, body } = await create('secretive');
  await server.request('GET', `${PAIRS}${pk}/view_private_key/?token=${server.token}`);
  await server.request('GET', `${PAIRS}${pk}/view_certificate/?x=1?y=2&x=3`);
  const events = JSON.stringify(await eventsOf(pk));

  expect(events).toContain('"args":{"token":"********************"}');
  expect(events).not.toContain(server.token);
  for (const line of body.key_data.split('\n').slice(1, -2)) {
    expect(events).not.toContain(line);
  }
});

test('of a query all is told: what stands behind a second question mark, and the last of repeated values', async () => {
  const { pk } = await create('queried');
  await server.request('GET', `${PAIRS}${pk}/view_certificate/?one=a?b&two=c&two=d`);
  const [, event] = await eventsOf(pk);

  expect(event?.context.http_request).toMatchObject({
    path: `${PAIRS}${pk}/view_certificate/`,
    args: { one: 'a?b', two: 'd' },
  });
});

test('of a target that names a host the path alone is told', async () => {
  const { pk } = await create('absolute');
  const path = `${PAIRS}${pk}/view_certificate/`;
  const headers = { authorization: `Bearer ${server.token}` };
  const request = sendRequest(server.url, { path: `http://elsewhere.example${path}?one=a`, headers }).end();
  const [response] = await once(request, 'response');
  await response.toArray();
  const [, event] = await eventsOf(pk);

  expect(response.statusCode).toBe(200);
  expect(event?.context.http_request).toMatchObject({ path, args: { one: 'a' } });
});
