import { createHash, randomUUID } from 'node:crypto';
import { Configuration, CoreApi } from 'goauthentik-api-2026';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { startServer, type TestServer } from '../../../support/server.ts';
import { as, ask, made, TOKENS } from './support/api.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.close());

const DAY_MS = 86_400_000;

describe('a token that is made', () => {
  it('lets whoever sends its key in, with the rights that it was given and no others', async () => {
    const { key } = await made(server, { permissions: ['authentik_crypto.view_certificatekeypair'] });

    expect(key).toMatch(/^certkeep_[\w-]{43}$/);
    expect((await as(server, key, 'GET', `${TOKENS}`)).status).toBe(200);
    expect((await as(server, key, 'POST', TOKENS, { identifier: randomUUID() })).status).toBe(403);
  });

  it('shows its key in the answer to POST, and nowhere else: not in the database, the log or any later answer', async () => {
    const identifier = randomUUID();
    const { key } = await made(server, { identifier });
    const later = await Promise.all([
      ask(server, 'GET', `${TOKENS}${identifier}/`),
      ask(server, 'PATCH', `${TOKENS}${identifier}/`, { description: 'changed' }),
      ask(server, 'PUT', `${TOKENS}${identifier}/`, { identifier }),
      ask(server, 'GET', `${TOKENS}?identifier=${identifier}`),
    ]);
    const rows = await server.database.query<{ row: string }>(
      'SELECT t::text AS row FROM tokens t UNION ALL SELECT e::text FROM events e',
    );
    const everything = JSON.stringify([later, rows, server.log()]);

    expect(later.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    // What is looked through does hold the token.
    expect(everything).toContain(createHash('sha256').update(key).digest('hex'));
    expect(everything).not.toContain(key);
    expect(everything).not.toContain('"key"');
  });

  it('is described as authentik describes one, with what it may do beside it', async () => {
    const identifier = randomUUID();
    const token = await made(server, {
      identifier,
      username: 'ci',
      description: 'builds',
      expires: '2126-01-31T12:00:00+02:00',
      permissions: ['view_event', 'view_certificatekeypair'],
    });

    expect(token).toEqual({
      pk: expect.stringMatching(/^[0-9a-f-]{36}$/),
      managed: null,
      identifier,
      intent: 'api',
      user: expect.any(Number),
      user_obj: expect.objectContaining({ pk: token.user, username: 'ci', name: 'ci', is_active: true }),
      description: 'builds',
      expires: '2126-01-31T10:00:00Z',
      expiring: true,
      is_superuser: false,
      permissions: ['view_certificatekeypair', 'view_event'],
      reach: ['authentik'],
      created: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/),
      last_used: null,
      revoked: null,
      key: expect.any(String),
    });
  });

  it.each([
    ['ends after 24 hours unless it is said otherwise', {}, DAY_MS],
    ['ends after 24 hours where it shall expire and nobody says when', { expiring: true }, DAY_MS],
    ['never ends where expires is null', { expires: null }, null],
    ['never ends where expiring is false, whatever expires says', { expiring: false, expires: '2126-01-01' }, null],
  ])('%s', async (_promise, fields, duration) => {
    const before = Date.now();
    const { expires, expiring } = await made(server, fields);

    expect(expiring).toBe(duration !== null);
    if (duration === null) {
      expect(expires).toBeNull();
    } else {
      const lasts = Date.parse(expires ?? '') - before;
      expect(lasts).toBeGreaterThanOrEqual(duration);
      expect(lasts).toBeLessThan(duration + 60_000);
    }
  });

  it.each([
    [
      'reader',
      { is_superuser: false, permissions: ['view_certificatekeypair', 'view_certificatekeypair_certificate'] },
    ],
    ['administrator', { is_superuser: true, permissions: [] }],
  ])('of the role %s may do what that stands for', async (role, rights) => {
    expect(await made(server, { role })).toMatchObject(rights);
  });

  it("is its maker's own unless another principal is named, by number or by a name that may be new", async () => {
    const own = await made(server);
    const named = await made(server, { username: 'Grace' });
    const numbered = await made(server, { user: named.user });

    expect(own.user_obj).toMatchObject({ username: 'bootstrap' });
    expect(named.user_obj).toMatchObject({ username: 'Grace' });
    expect(numbered.user_obj['uuid']).toBe(named.user_obj['uuid']);
  });
});

test("authentik's own client makes, reads, lists, changes and destroys a token", async () => {
  const core = new CoreApi(new Configuration({ basePath: `${server.url}/api/v3`, accessToken: server.token }));
  const identifier = randomUUID();

  const created = await core.coreTokensCreate({ tokenRequest: { identifier, intent: 'api', description: 'first' } });
  expect(created).toMatchObject({ identifier, intent: 'api', expiring: true, userObj: { username: 'bootstrap' } });
  expect(await core.coreTokensRetrieve({ identifier })).toMatchObject({ pk: created.pk, description: 'first' });
  const changed = await core.coreTokensPartialUpdate({ identifier, patchedTokenRequest: { description: 'second' } });
  expect(changed.expires).toEqual(created.expires);
  const listed = await core.coreTokensList({ identifier, intent: 'api', ordering: 'identifier' });
  expect(listed.results.map(({ description }) => description)).toEqual(['second']);
  await core.coreTokensDestroy({ identifier });
  await expect(core.coreTokensRetrieve({ identifier })).rejects.toMatchObject({ response: { status: 404 } });
});

describe('a POST is refused', () => {
  const stored = async () => (await server.database.query('SELECT 1 FROM tokens')).length;

  it.each<[string, object, object]>([
    ['without an identifier', { identifier: undefined }, { identifier: ['This field is required.'] }],
    [
      'with an identifier that is no slug',
      { identifier: 'a b' },
      { identifier: ['Enter a valid "slug" consisting of letters, numbers, underscores or hyphens.'] },
    ],
    [
      'with an identifier of 256 characters',
      { identifier: 'x'.repeat(256) },
      { identifier: ['Ensure this field has no more than 255 characters.'] },
    ],
    [
      'with the bootstrap token’s',
      { identifier: 'bootstrap' },
      { identifier: ['Token with this identifier already exists.'] },
    ],
    ['with another intent', { intent: 'recovery' }, { intent: ['"recovery" is not a valid choice.'] }],
    ['with an unknown role', { role: 'king' }, { role: ['"king" is not a valid choice.'] }],
    ['with an unknown permission', { permissions: ['fly'] }, { permissions: ['"fly" is not a valid choice.'] }],
    [
      'with permissions that are no list',
      { permissions: 'x' },
      { permissions: ['Expected a list of items but got type "str".'] },
    ],
    [
      'with a permission on no UUID',
      { permissions: ['view_certificatekeypair@1'] },
      { permissions: ['"view_certificatekeypair@1" is not a valid choice.'] },
    ],
    ['with an unknown realm', { reach: ['moon'] }, { reach: ['"moon" is not a valid choice.'] }],
    [
      'with a user that is none',
      { user: 2_000_000_000 },
      { user: ['Invalid pk "2000000000" - object does not exist.'] },
    ],
    [
      'with a user beyond all numbers',
      { user: '9'.repeat(40) },
      { user: [`Invalid pk "${'9'.repeat(40)}" - object does not exist.`] },
    ],
    ['with a user that is no number', { user: 'me' }, { user: ['Incorrect type. Expected pk value, received str.'] }],
    [
      'with a username of 151 characters',
      { username: 'x'.repeat(151) },
      { username: ['Ensure this field has no more than 150 characters.'] },
    ],
    ['with a blank username', { username: ' ' }, { username: ['This field may not be blank.'] }],
    [
      'with an expiry in the past',
      { expires: '2020-01-01T00:00:00Z' },
      { expires: ['Ensure this time is in the future.'] },
    ],
    [
      'with an expiry that is no time',
      { expires: 'soon' },
      {
        expires: [
          'Datetime has wrong format. Use one of these formats instead: YYYY-MM-DDThh:mm[:ss[.uuuuuu]][+HH:MM|-HH:MM|Z].',
        ],
      },
    ],
    ['with a flag that is none', { expiring: 'perhaps' }, { expiring: ['Must be a valid boolean.'] }],
    ['with a null where a flag belongs', { is_superuser: null }, { is_superuser: ['This field may not be null.'] }],
    [
      'for a permission on a keypair that is not there',
      { permissions: [`view_certificatekeypair@${randomUUID()}`] },
      { permissions: ['A keypair that is named here does not exist.'] },
    ],
  ])('%s, and stores nothing', async (_case, fields, body) => {
    const count = await stored();

    expect(await ask(server, 'POST', TOKENS, { identifier: randomUUID(), ...fields })).toEqual({ status: 400, body });
    expect(await stored()).toBe(count);
  });

  it('for all its fields together', async () => {
    const { identifier } = await made(server);
    const fields = { identifier, intent: 'recovery', description: null, expires: '', user: true };

    expect(await ask(server, 'POST', TOKENS, fields)).toMatchObject({
      status: 400,
      body: {
        identifier: ['Token with this identifier already exists.'],
        intent: ['"recovery" is not a valid choice.'],
        user: ['Incorrect type. Expected pk value, received bool.'],
        description: ['This field may not be null.'],
        expires: [expect.stringContaining('wrong format')],
      },
    });
  });

  it('for an identifier that a revoked token had', async () => {
    const { identifier } = await made(server);
    expect((await ask(server, 'DELETE', `${TOKENS}${identifier}/`)).status).toBe(204);

    expect(await ask(server, 'POST', TOKENS, { identifier })).toEqual({
      status: 400,
      body: { identifier: ['Token with this identifier already exists.'] },
    });
  });

  it('once, where two come with one identifier at the same time', async () => {
    const identifier = randomUUID();
    const answers = await Promise.all([1, 2, 3, 4].map(() => ask(server, 'POST', TOKENS, { identifier })));

    expect(answers.map(({ status }) => status).sort()).toEqual([201, 400, 400, 400]);
  });
});
