import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startServer, type TestServer } from '../../../support/server.ts';
import { EVENTS, forgetEvents, listed, plant } from './support.ts';

const PK = 'a0b1c2d3e4f54a5b8c7d6e5f4a3b2c1d';
const DASHED = 'a0b1c2d3-e4f5-4a5b-8c7d-6e5f4a3b2c1d';

let server: TestServer;
const ids: Record<'created' | 'viewed' | 'refused' | 'failed', string> = {
  created: '',
  viewed: '',
  refused: '',
  failed: '',
};
beforeAll(async () => {
  server = await startServer();
  await forgetEvents(server.database);
  const { database } = server;
  const [principal] = await database.query<{ id: string; number: number }>(
    `INSERT INTO principals (id, username) VALUES (gen_random_uuid(), 'Ada_Lovelace') RETURNING id`,
  );
  const who = { principal_id: principal?.id as string, username: 'Ada_Lovelace' };
  const pair = { model_app: 'authentik_crypto', model_name: 'certificatekeypair', model_pk: PK };
  ids.created = await plant(database, {
    ...who,
    ...pair,
    created_at: '2026-03-01T12:00:00.000Z',
    action: 'model_created',
    client_address: '192.0.2.7',
    context: JSON.stringify({ model: { pk: PK, name: 'Straße 100%' } }),
  });
  ids.viewed = await plant(database, {
    ...who,
    ...pair,
    created_at: '2026-03-01T12:00:01.250Z',
    action: 'secret_view',
    app: 'authentik.crypto.api',
    client_address: '2001:db8::1',
    token_id: '11111111-2222-4333-8444-555555555555',
    request_id: '00112233445566778899aabbccddeeff',
    context: JSON.stringify({ secret: { pk: PK, name: 'Straße 1000' }, type: 'private_key' }),
  });
  ids.refused = await plant(database, {
    created_at: '2026-03-01T12:00:02.500Z',
    action: 'suspicious_request',
    app: 'authentik.crypto.api',
    client_address: '192.0.2.9',
    context: JSON.stringify({ message: 'An attempt' }),
  });
  ids.failed = await plant(database, {
    created_at: '2026-03-01T12:00:03.750Z',
    action: 'login_failed',
    username: 'somebody else',
    app: 'authentik.api.authentication',
    model_app: 'authentik_core',
    model_name: 'token',
    model_pk: 'ff',
  });
});
afterAll(() => server.close());

const namesOf = async (query: string) => {
  const found = (await listed(server, query)).results.map(({ pk }) => pk);
  return found.map((pk) => Object.entries(ids).find(([, id]) => id === pk)?.[0] ?? pk);
};

test('an event is shown as authentik shows it, its keys in that order, and what is ours behind', async () => {
  const { pagination, results, autocomplete } = await listed(server, '?action=secret_view');

  expect(JSON.stringify(results)).toBe(
    JSON.stringify([
      {
        pk: ids.viewed,
        user: { username: 'Ada_Lovelace', pk: await numberOf('Ada_Lovelace'), email: '' },
        action: 'secret_view',
        app: 'authentik.crypto.api',
        context: { secret: { pk: PK, name: 'Straße 1000' }, type: 'private_key' },
        client_ip: '2001:db8::1',
        created: '2026-03-01T12:00:01.250Z',
        expires: '9999-12-31T23:59:59Z',
        brand: {},
        token_id: '11111111-2222-4333-8444-555555555555',
        request_id: '00112233445566778899aabbccddeeff',
      },
    ]),
  );
  expect(pagination).toEqual({
    next: 0,
    previous: 0,
    count: 1,
    current: 1,
    total_pages: 1,
    start_index: 1,
    end_index: 1,
  });
  expect(autocomplete).toEqual({});
});

test('of a caller who was not let in, the user is an empty object', async () => {
  expect((await listed(server, '?action=suspicious')).results[0]?.user).toEqual({});
});

test('the newest event comes first', async () => {
  expect(await namesOf('')).toEqual(['failed', 'refused', 'viewed', 'created']);
});

test.each([
  ['created', ['created', 'viewed', 'refused', 'failed']],
  ['-created', ['failed', 'refused', 'viewed', 'created']],
  ['expires', ['created', 'viewed', 'refused', 'failed']],
  ['action', ['failed', 'created', 'viewed', 'refused']],
  ['-action', ['refused', 'viewed', 'created', 'failed']],
  ['app,created', ['failed', 'viewed', 'refused', 'created']],
  ['-app,-created', ['created', 'refused', 'viewed', 'failed']],
  ['client_ip', ['created', 'refused', 'viewed', 'failed']],
  ['nope', ['failed', 'refused', 'viewed', 'created']],
  ['mac', ['failed', 'refused', 'viewed', 'created']],
])('ordering=%s', async (ordering, expected) => {
  expect(await namesOf(`?ordering=${ordering}`)).toEqual(expected);
});

describe('a filter', () => {
  test.each([
    ['action, a part of it', '?action=model', ['created']],
    ['action, in any case', '?action=SECRET_v', ['viewed']],
    ['action, taken literally', '?action=l%25', []],
    ['one of actions', '?actions=secret_view', ['viewed']],
    ['several actions', '?actions=secret_view&actions=model_created', ['viewed', 'created']],
    ['an action that never happens here', '?actions=logout', []],
    ['username', '?username=Ada_Lovelace', ['viewed', 'created']],
    ['username, by case', '?username=ada_lovelace', []],
    ['client_ip', '?client_ip=192.0.2.7', ['created']],
    ['client_ip of IPv6', '?client_ip=2001:DB8::1', ['viewed']],
    ['client_ip that is none', '?client_ip=nope', []],
    ['context_model_pk', `?context_model_pk=${PK}`, ['viewed', 'created']],
    ['context_model_pk with dashes', `?context_model_pk=${DASHED}`, ['viewed', 'created']],
    ['context_model_pk in upper case', `?context_model_pk=${DASHED.toUpperCase()}`, ['viewed', 'created']],
    ['context_model_pk of another', '?context_model_pk=0011', []],
    ['context_model_name', '?context_model_name=token', ['failed']],
    ['context_model_app', '?context_model_app=authentik_crypto', ['viewed', 'created']],
    ['context_authorized_app', `?context_authorized_app=${PK}`, []],
    ['context_device', `?context_device=${PK}`, []],
    ['brand_name', '?brand_name=default', []],
    ['several at once', '?username=Ada_Lovelace&action=view&context_model_app=authentik_crypto', ['viewed']],
    ['blanks', '?username=%20&context_model_pk=', ['failed', 'refused', 'viewed', 'created']],
    ['what is no filter', '?nope=1', ['failed', 'refused', 'viewed', 'created']],
    ['a search in the context', '?search=an%20ATTEMPT', ['refused']],
    ['a search for all of its terms', '?search=private_key,straße', ['viewed']],
    ['a search that takes % literally', '?search=100%25', ['created']],
    ['a search that takes _ literally', '?search=secret_', ['viewed']],
    ['a search in the user’s name', '?search=ada_love', ['viewed', 'created']],
    ['a search in the address', '?search=192.0.2.', ['refused', 'created']],
  ])('acts by %s', async (_what, query, expected) => {
    expect(await namesOf(query)).toEqual(expected);
  });

  test('acts by the event’s own id in a search', async () => {
    expect(await namesOf(`?search=${ids.viewed.toUpperCase()}`)).toEqual(['viewed']);
  });

  test.each([
    ['?actions=nope', { actions: ['Select a valid choice. nope is not one of the available choices.'] }],
    [
      '?actions=secret_view&actions=&actions=x',
      { actions: ['Select a valid choice.  is not one of the available choices.'] },
    ],
    ['?username=a%00b', { username: ['Null characters are not allowed.'] }],
    ['?brand_name=%00', { brand_name: ['Null characters are not allowed.'] }],
    ['?search=%00', ['Null characters are not allowed.']],
  ])('that is broken is named: %s', async (query, body) => {
    const response = await server.request('GET', EVENTS + query);

    expect(response.status).toBe(400);
    expect(await response.json()).toEqual(body);
  });
});

describe('pages', () => {
  test('agree with each other and with the count', async () => {
    const first = await listed(server, '?page_size=3');
    const last = await listed(server, '?page_size=3&page=last');

    expect(first.results.map(({ pk }) => pk)).toEqual([ids.failed, ids.refused, ids.viewed]);
    expect(first.pagination).toMatchObject({ next: 2, count: 4, total_pages: 2, start_index: 1, end_index: 3 });
    expect(last.results.map(({ pk }) => pk)).toEqual([ids.created]);
    expect(last.pagination).toMatchObject({ previous: 1, count: 4, current: 2, start_index: 4, end_index: 4 });
  });

  test('keep one order where several events are of one moment', async () => {
    const planted = await Promise.all(
      Array.from({ length: 9 }, () => plant(server.database, { username: 'at once', action: 'logout' })),
    );
    const pages = ['1', '2', 'last'].map((page) => listed(server, `?username=at once&page_size=3&page=${page}`));
    const shown = (await Promise.all(pages)).flatMap(({ results }) => results.map(({ pk }) => pk));
    await server.database.query("DELETE FROM events WHERE username = 'at once'");

    expect(shown).toEqual(planted.sort());
  });

  test('beyond the last are none', async () => {
    const response = await server.request('GET', `${EVENTS}?page=9`);

    expect(response.status).toBe(404);
    expect(await response.json()).toEqual({ detail: 'Invalid page.' });
  });
});

async function numberOf(username: string): Promise<number | undefined> {
  const rows = await server.database.query<{ number: number }>('SELECT number FROM principals WHERE username = $1', [
    username,
  ]);
  return rows[0]?.number;
}
