import type { FastifyRequest } from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseReach, TokenInvalid } from '../../../src/access/index.ts';
import { OPERATOR } from '../../../src/audit/index.ts';
import { readConfig } from '../../../src/config.ts';
import { authenticate } from '../../../src/dialects/strata/authentication.ts';
import { accessTokens } from '../../../src/dialects/strata/oauth2/index.ts';
import type { Services } from '../../../src/dialects/strata/route.ts';
import type { TsgId } from '../../../src/dialects/strata/tenancy.ts';
import { createLogger } from '../../../src/logger.ts';
import { openStore, type Store } from '../../../src/operations/index.ts';
import { generateKek } from '../../../src/sealing/index.ts';
import { createDatabase, type TestDatabase } from '../../support/database.ts';

const TSG = '1234567890' as TsgId;
const DEFAULT_TSG = '1000000000';
const READS = ['GET', 'HEAD', 'OPTIONS'];
const WRITES = ['POST', 'PUT', 'PATCH', 'DELETE'];

let database: TestDatabase;
let store: Store;
let services: Services;
let time = new Date('2026-12-01T00:00:00Z');
beforeAll(async () => {
  database = await createDatabase();
  const config = readConfig({ DATABASE_URL: database.url, CERTKEEP_KEK: generateKek() });
  store = await openStore({ config, log: createLogger('silent'), attach: true });
  const { keypairs, tokens } = store;
  const jwts = accessTokens({ keypairs, signingKeyDays: 30, now: () => time });
  services = { tokens, accessTokens: jwts, defaultTsg: DEFAULT_TSG } as Services;
});
afterAll(async () => {
  await store.close();
  await database.drop();
});

async function make(...reach: string[]) {
  const { key, token } = await store.tokens.issue(OPERATOR, {
    username: 'somebody',
    identifier: crypto.randomUUID(),
    description: '',
    expiresAt: null,
    isSuperuser: false,
    grants: [],
    reach: reach.map(parseReach),
  });
  return { key, token };
}

async function makeJwt() {
  const { key, token } = await make('strata');
  const { reference, expiresInMs } = await store.tokens.authenticateClient(token.identifier, key);
  const { text } = await services.accessTokens.issue({ reference, expiresInMs, tsg: TSG, scope: '' });
  return { text, token };
}

const send = (method: string, bearer: string) =>
  authenticate({ method, headers: { authorization: `Bearer ${bearer}` } } as FastifyRequest, services);

describe('an access token', () => {
  it('speaks for its tenant, and for whom its Certkeep token speaks', async () => {
    const { text, token } = await makeJwt();
    expect(await send('GET', text)).toMatchObject({ tsg: TSG, caller: { tokenId: token.id, username: 'somebody' } });
  });

  it('whose Certkeep token was revoked in another process writes nothing from then on', async () => {
    const { text, token } = await makeJwt();
    for (const method of READS) {
      await send(method, text);
    }
    await database.query('UPDATE tokens SET revoked_at = now() WHERE id = $1', [token.id]);
    for (const method of WRITES) {
      await expect(send(method, text), method).rejects.toBeInstanceOf(TokenInvalid);
    }
    for (const method of READS) {
      expect((await send(method, text))?.tsg, method).toBe(TSG);
    }
  });

  it('ends after 15 minutes, to the second', async () => {
    const { text } = await makeJwt();
    const begin = time;
    time = new Date(begin.getTime() + 899_000);
    expect((await send('GET', text))?.tsg).toBe(TSG);
    time = new Date(begin.getTime() + 900_000);
    await expect(send('GET', text)).rejects.toMatchObject({ status: 401, code: 'E016', errorType: 'Key Expired' });
    time = begin;
  });
});

it.each([
  [[`strata:${TSG}`], TSG],
  [['authentik', `strata:${TSG}`], TSG],
  [['strata'], DEFAULT_TSG],
  [[`strata:${TSG}`, `strata:${DEFAULT_TSG}`], DEFAULT_TSG],
  [[`strata:${TSG}`, 'strata:1'], undefined],
  [['authentik', 'astra'], undefined],
])('a plain token that reaches %j speaks for tenant %s', async (reach, tsg) => {
  const login = send('GET', (await make(...reach)).key).catch(() => undefined);
  expect((await login)?.tsg).toBe(tsg);
});
