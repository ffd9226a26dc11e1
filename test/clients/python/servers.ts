import { Client as Connection } from 'pg';
import { forge, stolenKey } from '../../dialects/strata/oauth2/support/forge.ts';
import {
  accessTokenOf,
  claimsOf,
  clientOf,
  headerOf,
  makeClient,
  TSG,
} from '../../dialects/strata/oauth2/support/oauth.ts';
import { exposure } from '../../http/support/exposure.ts';
import { registerSecret } from '../../support/leaks/secrets.ts';
import { startServer, type TestServer } from '../../support/server.ts';
import { startAstra } from './astra.ts';

export interface Servers {
  /** What the tests in Python know of them. */
  readonly env: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

/** The server that the clients talk to, one that grants few requests, and one whose database does not answer. */
export async function startServers(): Promise<Servers> {
  const server = await startServer({ exposure: exposure({ trustedProxies: ['127.0.0.1'] }) });
  const astra = await startAstra(server);
  const limited = await startServer({ exposure: exposure({ rateLimits: { token: 1 } }) });
  const stuck = await startServer({ databaseTimeoutMs: 300 });
  const lock = new Connection({ connectionString: stuck.database.url });
  await lock.connect();
  await lock.query('BEGIN; LOCK TABLE keypairs IN ACCESS EXCLUSIVE MODE');
  return {
    env: {
      ...(await clientsOf(server)),
      ...astra.env,
      CERTKEEP_TEST_LIMITED_URL: limited.url,
      CERTKEEP_TEST_LIMITED_TOKEN: limited.token,
      CERTKEEP_TEST_STUCK_URL: stuck.url,
      CERTKEEP_TEST_STUCK_TOKEN: stuck.token,
    },
    async close() {
      await lock.end();
      await astra.close();
      await Promise.all([server.close(), limited.close(), stuck.close()]);
    },
  };
}

async function clientsOf(server: TestServer): Promise<Record<string, string>> {
  const client = await makeClient(server);
  const reader = await makeReader(server);
  return {
    CERTKEEP_TEST_URL: server.url,
    CERTKEEP_TEST_CLIENT_ID: client.identifier,
    CERTKEEP_TEST_CLIENT_SECRET: client.secret,
    CERTKEEP_TEST_TSG: TSG,
    CERTKEEP_TEST_READER_ID: reader.identifier,
    CERTKEEP_TEST_READER_SECRET: reader.secret,
    CERTKEEP_TEST_EXPIRED_TOKEN: await expired(server, await accessTokenOf(server, client)),
  };
}

async function makeReader(server: TestServer) {
  const rights = ['view_certificatekeypair', 'view_certificatekeypair_certificate'];
  return clientOf(server, await server.tokenWith(rights, { reach: [`strata:${TSG}`] }));
}

/** The same access token, signed by the same key, as it would be a minute after its end. */
async function expired({ keypairs }: TestServer, token: string): Promise<string> {
  const { key } = await stolenKey(keypairs);
  const end = Math.floor(Date.now() / 1000) - 60;
  const text = forge(headerOf(token), { ...claimsOf(token), iat: end - 900, exp: end }, key);
  registerSecret('access-token', text.slice(text.lastIndexOf('.') + 1));
  return text;
}
