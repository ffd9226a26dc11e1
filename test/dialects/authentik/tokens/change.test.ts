import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { startServer, type TestServer } from '../../../support/server.ts';
import { as, ask, made, TOKENS } from './support/api.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.close());

const EXPIRES = '2126-01-31T12:00:00Z';

describe('a change', () => {
  it.each(['PUT', 'PATCH'])('by %s acts on what it mentions, and leaves the rest', async (method) => {
    const before = await made(server, { expires: EXPIRES, permissions: ['view_event'], description: 'before' });
    const { identifier } = before;
    const { status, body } = await ask(server, method, `${TOKENS}${identifier}/`, { identifier, description: 'after' });
    const { key, ...shown } = before;

    expect(status).toBe(200);
    expect(body).toEqual({ ...shown, description: 'after' });
    // The key is the same still.
    expect((await as(server, key, 'GET', TOKENS)).status).toBe(200);
  });

  it.each<[string, object, object]>([
    ['expires', { expires: '2127-01-01' }, { expires: '2127-01-01T00:00:00Z', expiring: true }],
    ['expires to null', { expires: null }, { expires: null, expiring: false }],
    ['expiring', { expiring: false }, { expires: null, expiring: false }],
    ['expiring to what it is', { expiring: true }, { expires: EXPIRES, expiring: true }],
    ['permissions', { permissions: ['view_token'] }, { permissions: ['view_token'], is_superuser: false }],
    ['is_superuser', { is_superuser: true }, { permissions: ['view_event'], is_superuser: true }],
    ['role', { role: 'administrator' }, { permissions: [], is_superuser: true }],
    ['reach', { reach: ['strata:7', 'authentik'] }, { reach: ['strata:7', 'authentik'], permissions: ['view_event'] }],
  ])('of %s is shown and kept', async (_what, fields, shown) => {
    const { identifier } = await made(server, { expires: EXPIRES, permissions: ['view_event'] });
    const path = `${TOKENS}${identifier}/`;

    expect(await ask(server, 'PATCH', path, fields)).toMatchObject({ status: 200, body: shown });
    expect(await ask(server, 'GET', path)).toMatchObject({ body: shown });
  });

  it('of rights holds for the next read and the next write at once', async () => {
    const { identifier, key } = await made(server, { username: randomUUID() });
    const mint = () => as(server, key, 'POST', TOKENS, { identifier: randomUUID() });
    const bootstrap = () => as(server, key, 'GET', `${TOKENS}bootstrap/`);
    const statuses = async () => [(await mint()).status, (await bootstrap()).status];

    expect(await statuses()).toEqual([403, 404]);
    await ask(server, 'PATCH', `${TOKENS}${identifier}/`, { permissions: ['add_token', 'view_token'] });
    expect(await statuses()).toEqual([201, 200]);
    await ask(server, 'PATCH', `${TOKENS}${identifier}/`, { permissions: [] });
    expect(await statuses()).toEqual([403, 404]);
  });

  it.each<[string, object, object]>([
    ['of the identifier', { identifier: 'another' }, { identifier: ['Identifier cannot be changed'] }],
    ['of the user', { user: 2_000_000_000 }, { user: ['User cannot be changed'] }],
    ['of the username', { username: 'another' }, { username: ['User cannot be changed'] }],
    ['to an expiry in the past', { expires: '2020-01-01' }, { expires: ['Ensure this time is in the future.'] }],
    ['to another intent', { intent: 'app_password' }, { intent: ['"app_password" is not a valid choice.'] }],
    [
      'to a permission on a keypair that is not there',
      { permissions: [`view_certificatekeypair@${randomUUID()}`] },
      { permissions: ['A keypair that is named here does not exist.'] },
    ],
  ])('%s is refused, and nothing changes', async (_what, fields, body) => {
    const { identifier } = await made(server, { description: 'as it was', permissions: ['view_event'] });
    const path = `${TOKENS}${identifier}/`;
    const before = await ask(server, 'GET', path);

    expect(await ask(server, 'PATCH', path, { description: 'changed', ...fields })).toEqual({ status: 400, body });
    expect(await ask(server, 'GET', path)).toEqual(before);
  });

  it('by PUT needs the identifier, by PATCH nothing', async () => {
    const { identifier } = await made(server);

    expect(await ask(server, 'PUT', `${TOKENS}${identifier}/`, {})).toEqual({
      status: 400,
      body: { identifier: ['This field is required.'] },
    });
    expect((await ask(server, 'PATCH', `${TOKENS}${identifier}/`)).status).toBe(200);
  });
});

test('a token that is destroyed is let in no more at once, and its row stays for the events that name it', async () => {
  const { identifier, key, pk } = await made(server);
  expect((await as(server, key, 'GET', TOKENS)).status).toBe(200);

  expect((await ask(server, 'DELETE', `${TOKENS}${identifier}/`)).status).toBe(204);
  expect(await as(server, key, 'GET', TOKENS)).toEqual({ status: 403, body: { detail: 'Token invalid/expired' } });
  expect((await ask(server, 'DELETE', `${TOKENS}${identifier}/`)).status).toBe(404);
  const rows = await server.database.query('SELECT id FROM tokens WHERE identifier = $1 AND revoked_at IS NOT NULL', [
    identifier,
  ]);
  expect(rows).toEqual([{ id: pk }]);
});

test('a token may revoke itself, where it may revoke', async () => {
  const { identifier, key } = await made(server, { username: randomUUID(), permissions: ['delete_token'] });

  expect((await as(server, key, 'DELETE', `${TOKENS}${identifier}/`)).status).toBe(204);
  expect((await as(server, key, 'GET', TOKENS)).status).toBe(403);
});

describe('each write on a token is told of in its transaction', () => {
  const eventsOf = (pk: string) =>
    server.database.query<{ action: string; context: string }>(
      `SELECT action, app, username, model_app, model_name, model_pk, context, token_id IS NOT NULL AS "hasToken",
         EXISTS (SELECT 1 FROM unsealed_events u WHERE u.event_id = e.id) AS "isQueued"
       FROM events e WHERE model_pk = $1 ORDER BY created_at`,
      [pk.replaceAll('-', '')],
    );

  it('who made, changed and revoked it, and what it may do', async () => {
    const { identifier, pk } = await made(server, { permissions: ['view_event'], expires: EXPIRES });
    await ask(server, 'PATCH', `${TOKENS}${identifier}/`, { permissions: [], is_superuser: true });
    await ask(server, 'DELETE', `${TOKENS}${identifier}/`);
    const events = await eventsOf(pk);
    const model = { pk: pk.replaceAll('-', ''), app: 'authentik_core', name: identifier, model_name: 'token' };

    expect(events.map(({ context: _, ...event }) => event)).toEqual(
      ['model_created', 'model_updated', 'model_deleted'].map((action) => ({
        action,
        app: 'authentik.events.middleware',
        username: 'bootstrap',
        model_app: 'authentik_core',
        model_name: 'token',
        model_pk: model.pk,
        hasToken: true,
        isQueued: true,
      })),
    );
    const rights = {
      is_superuser: false,
      permissions: ['view_event'],
      reach: ['authentik'],
      expires: '2126-01-31T12:00:00.000Z',
    };
    const http_request = expect.objectContaining({ method: 'POST', path: TOKENS });
    expect(events.map(({ context }) => JSON.parse(context))).toEqual([
      { model, rights, http_request },
      {
        model,
        rights: { ...rights, is_superuser: true, permissions: [] },
        http_request: expect.objectContaining({ method: 'PATCH' }),
      },
      { model, http_request: expect.objectContaining({ method: 'DELETE' }) },
    ]);
  });

  it('and does not happen where that can not be written', async () => {
    const { identifier, pk } = await made(server, { description: 'as it was' });
    const path = `${TOKENS}${identifier}/`;
    const fresh = randomUUID();
    const before = await ask(server, 'GET', path);
    server.foreseeMistakes();
    await server.database.query('ALTER TABLE events ADD CONSTRAINT refuses_all CHECK (false) NOT VALID');
    try {
      const answers = await Promise.all([
        ask(server, 'POST', TOKENS, { identifier: fresh }),
        ask(server, 'PATCH', path, { description: 'changed' }),
        ask(server, 'DELETE', path),
      ]);
      expect(answers.map(({ status }) => status)).toEqual([500, 500, 500]);
    } finally {
      await server.database.query('ALTER TABLE events DROP CONSTRAINT refuses_all');
    }

    expect(await ask(server, 'GET', path)).toEqual(before);
    expect((await ask(server, 'GET', `${TOKENS}${fresh}/`)).status).toBe(404);
    expect(await eventsOf(pk)).toHaveLength(1);
  });
});
