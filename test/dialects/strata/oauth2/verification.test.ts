import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OPERATOR } from '../../../../src/audit/index.ts';
import { readConfig } from '../../../../src/config.ts';
import { createLogger } from '../../../../src/logger.ts';
import { openStore, type Store } from '../../../../src/operations/index.ts';
import { present } from '../../../support/present.ts';
import { startServer, type TestServer } from '../../../support/server.ts';
import { until } from '../../../support/until.ts';
import { encode, forge, forgeByHmac, stolenKey } from './support/forge.ts';
import {
  accessTokenOf,
  type Client,
  claimsOf,
  headerOf,
  LET_IN,
  makeClient,
  OTHER_TSG,
  REFUSED,
  TSG,
  tryBearer,
} from './support/oauth.ts';

let server: TestServer;
let store: Store;
let client: Client;
let jwt: string;
let stolen: Awaited<ReturnType<typeof stolenKey>>;
beforeAll(async () => {
  server = await startServer();
  client = await makeClient(server);
  jwt = await accessTokenOf(server, client);
  const config = readConfig({ DATABASE_URL: server.database.url, CERTKEEP_KEK: server.kek });
  store = await openStore({ config, log: createLogger('silent'), attach: true });
  stolen = await stolenKey(store.keypairs);
});
afterAll(async () => {
  await store.close();
  await server.close();
});

const BASE64URL = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const other = generateKeyPairSync('rsa', { modulusLength: 2048 });
/** As the real one, but for what is changed. */
const header = (change: object = {}) => ({ ...headerOf(jwt), ...change });
const claims = (change: object = {}) => ({ ...claimsOf(jwt), ...change });

describe('an access token', () => {
  it('is let in as it is, and a forgery by the real key with the same claims shows that those are what is looked at', async () => {
    expect(await tryBearer(server, jwt)).toBe(LET_IN);
    expect(await tryBearer(server, forge(header(), claims(), stolen.key))).toBe(LET_IN);
  });

  it('is refused where any character of it is another one', async () => {
    const change = fc
      .record({ at: fc.nat(jwt.length - 1), to: fc.constantFrom(...BASE64URL, '.', '=', '%') })
      .filter(({ at, to }) => jwt[at] !== to);
    // The last characters hold bits of the signature that mean nothing, and the first ones the header.
    const ends = [...BASE64URL].filter((to) => jwt.at(-1) !== to).map((to) => [{ at: jwt.length - 1, to }] as const);
    await fc.assert(
      fc.asyncProperty(change, async ({ at, to }) => {
        expect(await tryBearer(server, jwt.slice(0, at) + to + jwt.slice(at + 1))).toBe(REFUSED);
      }),
      { numRuns: 150, examples: ends.map(([each]) => [each] as [{ at: number; to: string }]) },
    );
  });

  it.each([
    ['no algorithm', () => `${encode(header({ alg: 'none' }))}.${encode(claims())}.`],
    ['no algorithm and a signature', () => forge(header({ alg: 'none' }), claims(), stolen.key)],
    ['no signature', () => `${jwt.split('.').slice(0, 2).join('.')}.`],
    ['an HMAC under the certificate', () => forgeByHmac(header({ alg: 'HS256' }), claims(), stolen.certificate)],
    [
      'an HMAC under the public key',
      () => {
        const pem = createPublicKey(stolen.key).export({ format: 'pem', type: 'spki' });
        return forgeByHmac(header({ alg: 'HS256' }), claims(), pem);
      },
    ],
    ['another RSA algorithm', () => forge(header({ alg: 'RS512' }), claims(), stolen.key)],
    ['somebody else’s key', () => forge(header(), claims(), other.privateKey)],
    ['a key that nobody has', () => forge(header({ kid: crypto.randomUUID() }), claims(), other.privateKey)],
    ['no name of a key', () => forge(header({ kid: undefined }), claims(), stolen.key)],
    [
      'a key that it brings along',
      () => forge(header({ jwk: other.publicKey.export({ format: 'jwk' }) }), claims(), other.privateKey),
    ],
    ['a key of no use that it brings along', () => forge(header({ jwk: {} }), claims(), stolen.key)],
    ['a place where a key is', () => forge(header({ jku: 'https://keys.example' }), claims(), stolen.key)],
    ['another type', () => forge(header({ typ: 'JWT' }), claims(), stolen.key)],
    ['no type', () => forge(header({ typ: undefined }), claims(), stolen.key)],
    ['another issuer', () => forge(header(), claims({ iss: 'urn:somebody' }), stolen.key)],
    ['another audience', () => forge(header(), claims({ aud: 'another' }), stolen.key)],
    ['another client', () => forge(header(), claims({ aud: 'another', client_id: 'another' }), stolen.key)],
    ['several audiences', () => forge(header(), claims({ aud: [client.identifier, 'b'] }), stolen.key)],
    ['another token', () => forge(header(), claims({ sub: crypto.randomUUID() }), stolen.key)],
    ['no UUID', () => forge(header(), claims({ sub: "' OR true" }), stolen.key)],
    ['another time of its token', () => forge(header(), claims({ token_created_at: 1 }), stolen.key)],
    ['another tenant', () => forge(header(), claims({ tsg_id: OTHER_TSG }), stolen.key)],
    ['no tenant', () => forge(header(), claims({ tsg_id: undefined }), stolen.key)],
    ['no end', () => forge(header(), claims({ exp: undefined }), stolen.key)],
    ['a text for its end', () => forge(header(), claims({ exp: '9999999999' }), stolen.key)],
    ['another issuer, expired', () => forge(header(), claims({ iss: 'urn:somebody', exp: 1 }), stolen.key)],
  ])('is refused that has %s', async (_, make) => {
    expect(await tryBearer(server, make())).toBe(REFUSED);
  });

  it.each([
    ['that signs the last token', 0],
    ['a second ago', -1],
  ])('that has ended %s is told so: 401 Key Expired', async (_, seconds) => {
    const now = Math.floor(Date.now() / 1000);
    const ended = forge(header(), claims({ iat: now - 900, exp: now + seconds }), stolen.key);
    expect(await tryBearer(server, ended)).toBe('401 E016 Key Expired');
  });

  it('that is longer than any that is issued is told so: 401 Key Too Long', async () => {
    const long = forge(header(), claims({ scope: 'a'.repeat(4096) }), stolen.key);
    expect(await tryBearer(server, long)).toBe('401 E016 Key Too Long');
  });

  it('is the only one that counts: others in other headers are passed over', async () => {
    const headers = { 'x-auth-jwt': 'nonsense', 'prisma-tenant': OTHER_TSG };
    expect(await tryBearer(server, jwt, headers)).toBe(LET_IN);
    expect(await tryBearer(server, 'nonsense', { 'x-auth-jwt': jwt })).toBe(REFUSED);
  });

  it('stands in no line of the log, nor in any event', async () => {
    const path = `/config/identity/v1/certificates/${jwt}?folder=${jwt}`;
    await fetch(server.url + path, { headers: { authorization: `Bearer ${jwt}`, 'user-agent': jwt } });
    await tryBearer(server, forge(header(), claims(), other.privateKey));
    const events = await server.database.query('SELECT * FROM events');
    const signature = present(jwt.split('.')[2]);
    expect(JSON.stringify(server.log())).not.toContain(signature);
    expect(JSON.stringify(events)).not.toContain(signature);
  });
});

describe('what an access token stands for', () => {
  it('is taken away from it before it ends: at once in the server that was asked, in others within five seconds', async () => {
    const [one, two] = [await makeClient(server), await makeClient(server)];
    const [first, second] = [await accessTokenOf(server, one), await accessTokenOf(server, two)];
    expect([await tryBearer(server, first), await tryBearer(server, second)]).toEqual([LET_IN, LET_IN]);
    expect((await server.request('DELETE', `/api/v3/core/tokens/${one.identifier}/`)).status).toBe(204);
    expect(await tryBearer(server, first)).toBe(REFUSED);

    await server.database.query('UPDATE tokens SET revoked_at = now() WHERE id = $1', [two.id]);
    await until(async () => (await tryBearer(server, second)) === REFUSED, 5500);
  });

  it('is let in no more where it lost the tenant', async () => {
    const moved = await makeClient(server);
    const text = await accessTokenOf(server, moved);
    await server.database.query('UPDATE tokens SET reach = $2 WHERE id = $1', [moved.id, [`strata:${OTHER_TSG}`]]);
    expect(await tryBearer(server, text)).toBe(REFUSED);
  });

  it('is one tenant, though its token reaches more', async () => {
    const wide = await makeClient(server, ['strata']);
    const [one, other] = [await accessTokenOf(server, wide, TSG), await accessTokenOf(server, wide, OTHER_TSG)];
    expect([claimsOf(one)['tsg_id'], claimsOf(other)['tsg_id']]).toEqual([TSG, OTHER_TSG]);
    const { certificate, privateKey } = await store.keypairs.openForUse(
      { realm: 'strata', scope: '' },
      stolen.kid as never,
    );
    const { draft } = await store.keypairs.draft(
      { realm: 'strata', scope: '' },
      { name: 'mine', certificate, privateKey: privateKey ?? '' },
    );
    const { id } = await store.keypairs.create(
      OPERATOR,
      { realm: 'strata', scope: `${TSG}/folder:Shared` },
      draft as never,
    );
    const get = async (bearer: string) =>
      (
        await fetch(`${server.url}/config/identity/v1/certificates/${id}`, {
          headers: { authorization: `Bearer ${bearer}` },
        })
      ).status;
    expect([await get(one), await get(other)]).toEqual([200, 404]);
    // The signing key itself is in no tenant.
    const key = `${server.url}/config/identity/v1/certificates/${stolen.kid}`;
    expect((await fetch(key, { headers: { authorization: `Bearer ${one}` } })).status).toBe(404);
  });

  it('is another one where another bootstrap token took its place', async () => {
    const secret = `second-${crypto.randomUUID()}-${crypto.randomUUID()}`;
    const text = await accessTokenOf(server, { id: '', identifier: 'bootstrap', secret: server.token });
    expect(await tryBearer(server, text)).toBe(LET_IN);
    await store.tokens.putBootstrap(secret);
    const replica = await startServer({ kek: server.kek, bootstrapToken: secret }, server.database);
    try {
      expect(await tryBearer(replica, text)).toBe(REFUSED);
      expect(await tryBearer(replica, jwt)).toBe(LET_IN);
    } finally {
      await replica.close();
    }
  });
});
