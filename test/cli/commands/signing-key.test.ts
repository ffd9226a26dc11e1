import { afterAll, afterEach, beforeAll, beforeEach, expect, it, type MockInstance, vi } from 'vitest';
import { UsageError } from '../../../src/cli/commands/command.ts';
import { signingKeyCommands } from '../../../src/cli/commands/signing-key.ts';
import {
  accessTokenOf,
  type Client,
  headerOf,
  LET_IN,
  makeClient,
  publicKeys,
  REFUSED,
  tryBearer,
} from '../../dialects/strata/oauth2/support/oauth.ts';
import { startServer, type TestServer } from '../../support/server.ts';
import { until } from '../../support/until.ts';

let server: TestServer;
let client: Client;
beforeAll(async () => {
  server = await startServer();
  client = await makeClient(server);
  vi.stubEnv('DATABASE_URL', server.database.url);
  vi.stubEnv('CERTKEEP_KEK', server.kek);
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await server.close();
});

let output: MockInstance;
beforeEach(() => {
  output = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
});
afterEach(() => vi.restoreAllMocks());

const rotate = signingKeyCommands['signing-key rotate']?.run;
const said = () => output.mock.calls.map(([text]) => text).join('');
const kidsOf = async () => (await publicKeys(server)).map(({ kid }) => kid);

it('rotate makes another key sign within five seconds, and the tokens of before stay good', async () => {
  const before = await accessTokenOf(server, client);
  expect(await rotate?.([])).toBe(0);
  const [, kid] = /^key (\S{36}) signs access tokens now\n$/.exec(said()) ?? [];
  expect(await kidsOf()).toEqual([headerOf(before)['kid'], kid]);
  await until(async () => headerOf(await accessTokenOf(server, client))['kid'] === kid, 6000);
  expect(await tryBearer(server, before)).toBe(LET_IN);
});

it('rotate --revoke ends the tokens of before: for writes at once, for reads within five seconds', async () => {
  const before = await accessTokenOf(server, client);
  expect(await tryBearer(server, before)).toBe(LET_IN);
  expect(await rotate?.(['--revoke'])).toBe(0);
  const headers = { authorization: `Bearer ${before}` };
  expect((await server.request('POST', '/config/identity/v1/certificates', {}, headers)).status).toBe(401);
  const [, kid] = /^key (\S{36}) signs access tokens now, and 2 earlier keys are gone\n$/.exec(said()) ?? [];
  expect(await kidsOf()).toEqual([kid]);
  await until(async () => (await tryBearer(server, before)) === REFUSED, 6000);
  expect(await tryBearer(server, await accessTokenOf(server, client))).toBe(LET_IN);
});

it('what stands behind it and is no option is refused', async () => {
  await expect(rotate?.(['now'])).rejects.toBeInstanceOf(UsageError);
});
