import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { present } from '../../../support/present.ts';
import { startServer, type TestServer } from '../../../support/server.ts';
import {
  ask,
  basic,
  type Client,
  claimsOf,
  clientOf,
  headerOf,
  isSigned,
  LET_IN,
  makeClient,
  OTHER_TSG,
  publicKeys,
  TOKEN_BASES,
  TSG,
  tryBearer,
} from './support/oauth.ts';

const GRANT = { grant_type: 'client_credentials', scope: `tsg_id:${TSG}` };

let server: TestServer;
let client: Client;
beforeAll(async () => {
  server = await startServer();
  client = await makeClient(server);
});
afterAll(() => server.close());

const byBasic = () => basic(client.identifier, client.secret);
const byForm = () => ({ client_id: client.identifier, client_secret: client.secret });

describe.each(TOKEN_BASES)('%s/access_token', (base) => {
  it.each(['basic', 'form'])(
    'gives an access token to a client that names itself by %s, which its JWKS verifies',
    async (way) => {
      const begin = Math.floor(Date.now() / 1000);
      const { status, headers, json } =
        way === 'basic'
          ? await ask(server, GRANT, byBasic(), base)
          : await ask(server, { ...GRANT, ...byForm() }, {}, base);
      expect([status, headers.get('content-type')]).toEqual([200, 'application/json']);
      expect([headers.get('cache-control'), headers.get('pragma')]).toEqual(['no-store', 'no-cache']);
      const jwt = json['access_token'] as string;
      expect(json).toEqual({ access_token: jwt, scope: GRANT.scope, token_type: 'Bearer', expires_in: 900 });
      const keys = await publicKeys(server, base);
      expect(isSigned(jwt, keys)).toBe(true);
      expect(headerOf(jwt)).toEqual({ alg: 'RS256', typ: 'at+jwt', kid: present(keys[0])['kid'] });
      const claims = claimsOf(jwt);
      expect(claims).toMatchObject({
        iss: 'urn:certkeep:strata',
        aud: client.identifier,
        client_id: client.identifier,
        sub: client.id,
        scope: GRANT.scope,
        tsg_id: TSG,
        jti: expect.any(String),
      });
      expect(claims['iat']).toBeGreaterThanOrEqual(begin);
      expect(claims['exp']).toBe((claims['iat'] as number) + 900);
      expect(await tryBearer(server, jwt)).toBe(LET_IN);
    },
  );
});

describe('a token request', () => {
  it('names the client by the UUID of its token too, which is the audience then', async () => {
    const { json } = await ask(server, GRANT, basic(client.id, client.secret));
    expect(claimsOf(json['access_token'] as string)).toMatchObject({
      aud: client.id,
      client_id: client.id,
      sub: client.id,
    });
    expect(await tryBearer(server, json['access_token'] as string)).toBe(LET_IN);
  });

  it.each([
    ['a charset behind the media type', {}, { 'content-type': 'application/x-www-form-urlencoded; charset=UTF-8' }],
    ['fields that mean nothing', { client_kwargs: "{'tsg_id': '1234567890'}", foo: '' }, {}],
    ['both ways to name the client, equal', 'form', {}],
    ['an access token of before', {}, { 'x-auth-jwt': 'eyJhbGciOiJub25lIn0.e30.', 'prisma-tenant': OTHER_TSG }],
  ] as const)('may have %s', async (_, fields, headers) => {
    const form = { ...GRANT, ...(fields === 'form' ? byForm() : fields) };
    const { status, json } = await ask(server, form, { ...byBasic(), ...headers });
    expect([status, json['scope']]).toEqual([200, GRANT.scope]);
  });

  it('is read by Basic whether or not its parts are form-encoded (RFC 6749 §2.3.1)', async () => {
    const encoded = (text: string) =>
      [...text].map((character) => `%${character.charCodeAt(0).toString(16).padStart(2, '0')}`).join('');
    const { status, json } = await ask(server, GRANT, basic(encoded(client.identifier), encoded(client.secret)));
    expect([status, claimsOf(json['access_token'] as string)['aud']]).toEqual([200, client.identifier]);
    // An operator chooses the first token: this one means something else where it is decoded.
    const odd = await startServer({ bootstrapToken: `100%25+${crypto.randomUUID()}.abc.def` });
    try {
      const scoped = { ...GRANT, scope: '' };
      for (const secret of [odd.token, encodeURIComponent(odd.token)]) {
        expect((await ask(odd, scoped, basic('bootstrap', secret))).status).toBe(200);
      }
      expect(await tryBearer(odd, odd.token)).toBe(LET_IN);
    } finally {
      await odd.close();
    }
  });

  it.each([
    [GRANT.scope, TSG],
    [`profile tsg_id:${TSG} email`, TSG],
    [`tsg_id:${TSG} `, TSG],
    ['profile', TSG],
  ])('is given its scope back exactly: %j', async (scope, tsg) => {
    const { json } = await ask(server, { ...GRANT, scope }, byBasic());
    expect(json['scope']).toBe(scope);
    expect(claimsOf(json['access_token'] as string)).toMatchObject({ scope, tsg_id: tsg });
  });

  it('without a scope is for the one tenant that its client reaches, or the configured one', async () => {
    const { grant_type } = GRANT;
    const wide = await makeClient(server, ['strata']);
    const answers = [
      await ask(server, { grant_type }, byBasic()),
      await ask(server, { grant_type, scope: '' }, byBasic()),
      await ask(server, { grant_type }, basic(wide.identifier, wide.secret)),
    ];
    expect(answers.map(({ json }) => json['scope'])).toEqual([`tsg_id:${TSG}`, `tsg_id:${TSG}`, 'tsg_id:1000000000']);
  });

  it('gives an access token that ends no later than the token that it stands for', async () => {
    const ending = await makeClient(server);
    await server.database.query(`UPDATE tokens SET expires_at = now() + interval '90.5 seconds' WHERE id = $1`, [
      ending.id,
    ]);
    const { json } = await ask(server, GRANT, basic(ending.identifier, ending.secret));
    expect(json['expires_in']).toBeLessThanOrEqual(90);
    expect(json['expires_in']).toBeGreaterThan(60);
    const { iat, exp } = claimsOf(json['access_token'] as string) as { iat: number; exp: number };
    expect(exp - iat).toBe(json['expires_in']);
    await server.database.query(`UPDATE tokens SET expires_at = now() - interval '1 second' WHERE id = $1`, [
      ending.id,
    ]);
    expect((await ask(server, GRANT, basic(ending.identifier, ending.secret))).status).toBe(401);
  });
});

describe('what is no token request', () => {
  const form = (change: Record<string, string> = {}) => new URLSearchParams({ ...GRANT, ...change }).toString();
  const JSON_TYPE = { 'content-type': 'application/json' };

  it.each([
    ['another media type', () => form(), JSON_TYPE, 'invalid_request'],
    ['no media type that there is', () => form(), { 'content-type': 'nonsense' }, 'invalid_request'],
    ['no body', () => '', {}, 'invalid_request'],
    ['no grant', () => 'scope=a', {}, 'invalid_request'],
    ['an empty grant', () => form({ grant_type: '' }), {}, 'invalid_request'],
    ['a grant twice', () => `${form()}&grant_type=client_credentials`, {}, 'invalid_request'],
    ['a scope twice', () => `${form()}&scope=`, {}, 'invalid_request'],
    ['another client in the form', () => form({ client_id: 'another' }), {}, 'invalid_request'],
    ['another secret in the form', () => form({ client_secret: 'another' }), {}, 'invalid_request'],
    ['another grant', () => form({ grant_type: 'password' }), {}, 'unsupported_grant_type'],
    ['two tenants', () => form({ scope: `tsg_id:${TSG} tsg_id:${OTHER_TSG}` }), {}, 'invalid_scope'],
    ['a tenant that is none', () => form({ scope: 'tsg_id:abc' }), {}, 'invalid_scope'],
    ['a tenant without digits', () => form({ scope: 'tsg_id:' }), {}, 'invalid_scope'],
    ['a scope of other characters', () => form({ scope: 'a\nb' }), {}, 'invalid_scope'],
    ['a scope beyond all measure', () => form({ scope: 'a'.repeat(1025) }), {}, 'invalid_scope'],
    ['a tenant that its client does not reach', () => form({ scope: `tsg_id:${OTHER_TSG}` }), {}, 'invalid_scope'],
  ])('%s is 400', async (_, body, headers, error) => {
    const { status, json, headers: answered } = await ask(server, body(), { ...byBasic(), ...headers });
    expect([status, json]).toEqual([
      400,
      { error, error_description: expect.stringMatching(/^[\x20-\x21\x23-\x5b\x5d-\x7e]+$/) },
    ]);
    expect([answered.get('cache-control'), answered.get('content-type')]).toEqual(['no-store', 'application/json']);
  });

  it.each([
    ['nobody', () => ({})],
    ['an unknown secret', () => basic(client.identifier, 'certkeep_nobodyhasit')],
    ['a secret of somebody else', () => basic('another', client.secret)],
    ['its name in another case', () => basic(client.id.toUpperCase(), client.secret)],
    ['no name', () => basic('', client.secret)],
    ['a header that is no base64', () => ({ authorization: 'Basic ???' })],
    ['a header without credentials', () => ({ authorization: 'Basic' })],
    ['a bearer', () => ({ authorization: `Bearer ${client.secret}` })],
  ])('%s is 401 invalid_client', async (_, headers) => {
    const { status, json, headers: answered } = await ask(server, GRANT, headers());
    expect([status, json]).toEqual([
      401,
      { error: 'invalid_client', error_description: 'client authentication failed' },
    ]);
    expect(answered.get('www-authenticate')).toMatch(/^Basic realm="/);
  });

  it('a client that reaches no tenant at all is unknown, and so is one that was revoked', async () => {
    const elsewhere = await makeClient(server, ['authentik', 'astra']);
    const revoked = await makeClient(server);
    await server.database.query('UPDATE tokens SET revoked_at = now() WHERE id = $1', [revoked.id]);
    for (const { identifier, secret } of [elsewhere, revoked]) {
      const { status, json } = await ask(server, GRANT, basic(identifier, secret));
      expect([status, json['error']]).toEqual([401, 'invalid_client']);
    }
  });

  it('a token is not shown as a client where only its text fits: of the superuser too', async () => {
    const { identifier, secret } = await clientOf(server, server.token);
    expect(identifier).toBe('bootstrap');
    expect((await ask(server, { ...GRANT, client_id: identifier, client_secret: secret })).status).toBe(200);
    expect((await ask(server, { ...GRANT, client_id: 'root', client_secret: secret })).status).toBe(401);
  });
});

it('is described with both ways in which a client names itself, so that generated clients have them', async () => {
  const { paths, components } = (await (await server.request('GET', '/api/v3/schema/?format=json')).json()) as {
    paths: Record<string, { post: { security: object } }>;
    components: { securitySchemes: Record<string, object> };
  };
  expect(paths['/oauth2/access_token']?.post.security).toEqual([{ scmClient: [] }, {}]);
  expect(components.securitySchemes['scmClient']).toEqual({ type: 'http', scheme: 'basic' });
});
