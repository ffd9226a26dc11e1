import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PAIRS, startServer, type TestServer } from '../../../support/server.ts';
import { as, ask, made, NO_PERMISSION, NOT_FOUND, TOKENS } from './support/api.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.close());

const REFUSED = { status: 403, body: NO_PERMISSION };
const EVERYWHERE = ['authentik', 'strata', 'astra'];

/** A token for a principal of its own. */
function stranger(permissions: readonly string[], more: object = {}) {
  return made(server, { username: randomUUID(), permissions, ...more });
}

const mint = (key: string, fields: object) => as(server, key, 'POST', TOKENS, { identifier: randomUUID(), ...fields });

async function aKeypair(): Promise<string> {
  const answer = await server.request('POST', `${PAIRS}generate/`, {
    common_name: randomUUID(),
    validity_days: 1,
    alg: 'ed25519',
  });
  return ((await answer.json()) as { pk: string }).pk;
}

/** Each operation with the right that lets it through, on a token that the caller may see because it is of its own principal. */
const NEEDS = [
  ['POST', 'add_token'],
  ['PUT', 'change_token'],
  ['PATCH', 'change_token'],
  ['DELETE', 'delete_token'],
] as const;

describe.each(NEEDS)('%s needs %s', (method, permission) => {
  const others = ['add_token', 'change_token', 'delete_token', 'view_token'].filter((name) => name !== permission);
  const send = async (key: string, username: string) => {
    const { identifier } = await made(server, { username });
    return method === 'POST'
      ? mint(key, {})
      : as(server, key, method, `${TOKENS}${identifier}/`, method === 'DELETE' ? undefined : { identifier });
  };

  it('and nothing else', async () => {
    const username = randomUUID();
    const { key } = await made(server, { username, permissions: [permission] });
    expect((await send(key, username)).status).toBe({ POST: 201, PUT: 200, PATCH: 200, DELETE: 204 }[method]);
  });

  it('and is refused with all the others', async () => {
    const username = randomUUID();
    const { key } = await made(server, { username, permissions: others });
    expect(await send(key, username)).toEqual(REFUSED);
  });

  it('before the body is looked at', async () => {
    const { key } = await stranger(others);
    expect(await as(server, key, method, method === 'POST' ? TOKENS : `${TOKENS}bootstrap/`, 'no JSON')).toEqual(
      REFUSED,
    );
  });
});

describe('a caller without view_token', () => {
  it('sees the tokens of its own principal, this one among them, and no others', async () => {
    const username = randomUUID();
    const own = [await made(server, { username }), await made(server, { username })];
    const [{ key }] = own as [(typeof own)[0]];
    const other = await stranger([]);
    const listed = await as(server, key, 'GET', TOKENS);

    expect(listed).toMatchObject({ status: 200, body: { pagination: { count: 2 } } });
    expect(
      (listed.body as { results: { identifier: string }[] }).results.map(({ identifier }) => identifier).sort(),
    ).toEqual(own.map(({ identifier }) => identifier).sort());
    expect((await as(server, key, 'GET', `${TOKENS}${own[1]?.identifier}/`)).status).toBe(200);
    // One that there is reads like one that there never was.
    expect(await as(server, key, 'GET', `${TOKENS}${other.identifier}/`)).toEqual({ status: 404, body: NOT_FOUND });
    expect(await as(server, key, 'GET', `${TOKENS}never-made/`)).toEqual({ status: 404, body: NOT_FOUND });
  });

  it('who may change nothing either is refused whatever token it names, one that never was too', async () => {
    const { key } = await stranger([]);
    for (const identifier of ['bootstrap', 'never-made']) {
      for (const method of ['PATCH', 'PUT', 'DELETE']) {
        expect(await as(server, key, method, `${TOKENS}${identifier}/`)).toEqual(REFUSED);
      }
    }
  });

  it('can not change or revoke a token that it does not see', async () => {
    const { key } = await stranger(['change_token', 'delete_token']);
    const { identifier } = await stranger([]);

    for (const [method, body] of [
      ['PATCH', {}],
      ['PUT', { identifier }],
      ['DELETE', undefined],
    ] as const) {
      expect(await as(server, key, method, `${TOKENS}${identifier}/`, body)).toEqual({ status: 404, body: NOT_FOUND });
    }
    expect((await ask(server, 'GET', `${TOKENS}${identifier}/`)).status).toBe(200);
  });
});

it('view_token shows the tokens of all principals', async () => {
  const { key } = await stranger(['view_token']);
  const { identifier } = await stranger([]);

  expect((await as(server, key, 'GET', `${TOKENS}${identifier}/`)).status).toBe(200);
  expect(await as(server, key, 'GET', `${TOKENS}?identifier=${identifier}`)).toMatchObject({
    body: { pagination: { count: 1 } },
  });
});

describe('nobody mints what they do not hold', () => {
  it('a permission that the caller holds is handed on, another one is not', async () => {
    const { key } = await stranger(['add_token', 'view_event']);

    expect((await mint(key, { permissions: ['view_event'] })).status).toBe(201);
    expect(await mint(key, { permissions: ['view_event', 'view_token'] })).toEqual(REFUSED);
    expect(await mint(key, { is_superuser: true })).toEqual(REFUSED);
    expect(await mint(key, { role: 'reader' })).toEqual(REFUSED);
    expect(await mint(key, { role: 'administrator' })).toEqual(REFUSED);
  });

  it('a permission on one keypair is handed on for that one alone; one on everything for each', async () => {
    const [one, other] = [await aKeypair(), await aKeypair()];
    const single = await stranger(['add_token', `view_certificatekeypair@${one}`]);
    const global = await stranger(['add_token', 'view_certificatekeypair']);

    expect((await mint(single.key, { permissions: [`view_certificatekeypair@${one}`] })).status).toBe(201);
    expect(await mint(single.key, { permissions: [`view_certificatekeypair@${other}`] })).toEqual(REFUSED);
    expect(await mint(single.key, { permissions: ['view_certificatekeypair'] })).toEqual(REFUSED);
    expect((await mint(global.key, { permissions: [`view_certificatekeypair@${other}`] })).status).toBe(201);
  });

  it('a token reaches no further than the one that makes it, a superuser’s neither', async () => {
    const here = await stranger([], { is_superuser: true });
    const there = await stranger([], { is_superuser: true, reach: ['authentik', 'strata:1'] });

    expect((await mint(here.key, { is_superuser: true })).status).toBe(201);
    expect(await mint(here.key, { reach: EVERYWHERE })).toEqual(REFUSED);
    expect((await mint(there.key, { reach: ['strata:1'] })).status).toBe(201);
    expect(await mint(there.key, { reach: ['strata:2'] })).toEqual(REFUSED);
    expect(await mint(there.key, { reach: ['strata'] })).toEqual(REFUSED);
  });

  it('nobody but a superuser makes a token that speaks for another principal, known or not', async () => {
    const { key, user, user_obj } = await stranger(['add_token']);
    const other = await stranger([]);

    expect((await mint(key, { user })).status).toBe(201);
    expect((await mint(key, { username: user_obj['username'] })).status).toBe(201);
    expect(await mint(key, { user: other.user })).toEqual(REFUSED);
    expect(await mint(key, { user: 2_000_000_000 })).toEqual(REFUSED);
    expect(await mint(key, { username: 'bootstrap' })).toEqual(REFUSED);
    expect(await mint(key, { username: randomUUID() })).toEqual(REFUSED);
  });

  it('a token gains nothing by a change that the caller does not hold', async () => {
    const username = randomUUID();
    const { key, identifier } = await made(server, { username, permissions: ['change_token'] });
    const path = `${TOKENS}${identifier}/`;

    for (const gain of [
      { permissions: ['view_event'] },
      { is_superuser: true },
      { role: 'operator' },
      { reach: EVERYWHERE },
    ]) {
      expect(await as(server, key, 'PATCH', path, gain)).toEqual(REFUSED);
      expect(await as(server, key, 'PUT', path, { identifier, ...gain })).toEqual(REFUSED);
    }
    expect(await ask(server, 'GET', path)).toMatchObject({
      body: { permissions: ['change_token'], is_superuser: false, reach: ['authentik'] },
    });
    expect((await as(server, key, 'PATCH', path, { permissions: [] })).status).toBe(200);
  });

  it.each([
    ['a permission more', { permissions: ['view_event'] }],
    ['every right', { is_superuser: true }],
    ['a further reach', { reach: EVERYWHERE }],
  ])('a token with %s than the caller is neither changed nor revoked', async (_more, fields) => {
    const { key } = await stranger(['view_token', 'change_token', 'delete_token']);
    const { identifier } = await stranger([], fields);
    const path = `${TOKENS}${identifier}/`;

    expect(await as(server, key, 'PATCH', path, { description: 'mine' })).toEqual(REFUSED);
    expect(await as(server, key, 'PUT', path, 'no JSON')).toEqual(REFUSED);
    expect(await as(server, key, 'DELETE', path)).toEqual(REFUSED);
    expect(await ask(server, 'GET', path)).toMatchObject({ status: 200, body: { description: '' } });
  });
});
