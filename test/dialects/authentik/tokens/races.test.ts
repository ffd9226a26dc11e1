import { Client } from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startServer, type TestServer } from '../../../support/server.ts';
import { until } from '../../../support/until.ts';
import { as, made, NO_PERMISSION, TOKENS } from './support/api.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.close());

const WAITING = "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()";

/** Gives a token every right in a transaction that ends only when `request` waits for it. */
async function promotedMeanwhile<T>(identifier: string, request: () => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: server.database.url });
  await client.connect();
  try {
    await client.query('BEGIN');
    await client.query('UPDATE tokens SET is_superuser = true WHERE identifier = $1', [identifier]);
    const answer = request();
    await until(async () => (await server.database.query(WAITING)).length > 0);
    await client.query('COMMIT');
    return await answer;
  } finally {
    await client.end();
  }
}

test.each([
  ['changed', 'PATCH', { expires: null }],
  ['revoked', 'DELETE', undefined],
])('a token that gets more than the caller holds meanwhile is not %s', async (_what, method, body) => {
  const delegate = await server.tokenWith(['view_token', 'change_token', 'delete_token']);
  const { identifier } = await made(server);
  const path = `${TOKENS}${identifier}/`;

  expect(await promotedMeanwhile(identifier, () => as(server, delegate, method, path, body))).toEqual({
    status: 403,
    body: NO_PERMISSION,
  });
  expect(await as(server, server.token, 'GET', path)).toMatchObject({ status: 200, body: { is_superuser: true } });
});
