import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startServer, type TestServer } from '../../../support/server.ts';
import { EVENTS, plant, type ShownEvent } from './support.ts';

const UNKNOWN = '00000000-0000-4000-8000-00000000dead';
const NO_PERMISSION = { detail: 'You do not have permission to perform this action.' };
const NO_CREDENTIALS = { detail: 'Authentication credentials were not provided.' };

let server: TestServer;
let id: string;
beforeAll(async () => {
  server = await startServer();
  id = await plant(server.database, { action: 'secret_view', context: '{"type":"private_key"}' });
});
afterAll(() => server.close());

const get = async (path: string, headers: Record<string, string> = {}) => {
  const response = await server.request('GET', EVENTS + path, undefined, headers);
  return { status: response.status, body: (await response.json()) as unknown };
};

describe('an event', () => {
  test.each([
    ['as it stands', (uuid: string) => uuid],
    ['in upper case', (uuid: string) => uuid.toUpperCase()],
    ['without dashes', (uuid: string) => uuid.replaceAll('-', '')],
    ['as a URN', (uuid: string) => `urn:uuid:${uuid}`],
  ])('is found by its id %s', async (_form, write) => {
    const { status, body } = await get(`${encodeURIComponent(write(id))}/`);

    expect(status).toBe(200);
    expect(body).toMatchObject({ pk: id, action: 'secret_view', context: { type: 'private_key' } });
  });

  test('is shown as the list shows it', async () => {
    const list = (await get(`?search=${id}`)).body as { results: ShownEvent[] };

    expect((await get(`${id}/`)).body).toEqual(list.results[0]);
  });

  test('that does not pass a filter is not there', async () => {
    expect(await get(`${id}/?actions=secret_view&search=private_key`)).toMatchObject({ status: 200 });
    expect(await get(`${id}/?actions=logout`)).toEqual({
      status: 404,
      body: { detail: 'No Event matches the given query.' },
    });
  });

  test('that is unknown, and what is no id, are told apart as authentik tells them', async () => {
    expect(await get(`${UNKNOWN}/`)).toEqual({ status: 404, body: { detail: 'No Event matches the given query.' } });
    expect(await get('nope/')).toEqual({ status: 404, body: { detail: 'Not found.' } });
    expect(await get('nope/?actions=nope')).toMatchObject({ status: 400 });
  });

  test.each(['not json', '[1]', 'null', '"text"'])(
    'whose context somebody spoilt to %s is shown without it, and the others beside it',
    async (context) => {
      const spoilt = await plant(server.database, { context });

      expect((await get(`${spoilt}/`)).body).toMatchObject({ pk: spoilt, context: {} });
      expect((await get('')).status).toBe(200);
    },
  );
});

describe('nobody changes an event:', () => {
  test.each([
    ['POST', ''],
    ['PUT', ''],
    ['PATCH', ''],
    ['DELETE', ''],
    ['POST', 'detail'],
    ['PUT', 'detail'],
    ['PATCH', 'detail'],
    ['DELETE', 'detail'],
  ])('%s on %s', async (method, where) => {
    const path = EVENTS + (where === '' ? '' : `${id}/`);
    const response = await server.request(method, path, { action: 'login', app: 'x' });

    expect(response.status).toBe(405);
    expect(await response.json()).toEqual({ detail: `Method "${method}" not allowed.` });
    expect(response.headers.get('allow')).toBe('GET, HEAD, OPTIONS');
  });

  test.each([
    ['', 'Event List'],
    ['detail', 'Event Instance'],
  ])('OPTIONS of %s names nothing to write', async (where, name) => {
    const response = await server.request('OPTIONS', EVENTS + (where === '' ? '' : `${id}/`));
    const body = await response.json();

    expect(response.status).toBe(200);
    expect(body).toMatchObject({ name });
    expect(body).not.toHaveProperty('actions');
  });
});

describe('events are shown only to', () => {
  const as = (token: string) => ({ authorization: `Bearer ${token}` });

  test('whoever holds view_event', async () => {
    const token = await server.tokenWith(['view_event']);

    expect(await get('', as(token))).toMatchObject({ status: 200 });
    expect(await get(`${id}/`, as(token))).toMatchObject({ status: 200 });
  });

  test('nobody who holds other rights', async () => {
    const token = await server.tokenWith(['view_certificatekeypair']);

    expect(await get('', as(token))).toEqual({ status: 403, body: NO_PERMISSION });
    expect(await get(`${id}/`, as(token))).toEqual({ status: 403, body: NO_PERMISSION });
    expect(await get(`${UNKNOWN}/`, as(token))).toEqual({ status: 403, body: NO_PERMISSION });
    expect(await get('nope/', as(token))).toEqual({ status: 403, body: NO_PERMISSION });
  });

  test('nobody without a token', async () => {
    const anonymous = async (path: string) => {
      const response = await fetch(server.url + EVENTS + path);
      return { status: response.status, body: await response.json() };
    };

    expect(await anonymous('')).toEqual({ status: 403, body: NO_CREDENTIALS });
    expect(await anonymous(`${id}/`)).toEqual({ status: 403, body: NO_PERMISSION });
    expect(await anonymous(`${UNKNOWN}/`)).toEqual({ status: 403, body: NO_PERMISSION });
  });
});
