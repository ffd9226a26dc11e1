import { Client } from 'pg';
import { expect, test } from 'vitest';
import { createDatabase } from '../support/database.ts';
import { opensslPair } from '../support/openssl.ts';
import { PAIRS, startServer } from '../support/server.ts';
import { until } from '../support/until.ts';
import { printFigures } from './support/figures.ts';
import { startStallingProxy } from './support/stalling-proxy.ts';

const SESSIONS = 'SELECT 1 FROM pg_stat_activity WHERE datname = current_database()';
const WAITS = `${SESSIONS} AND wait_event_type = 'Lock'`;
const LEFT_OPEN = `${SESSIONS} AND state LIKE 'idle in %'`;

/** Without prepared statements, as behind a pooler, PostgreSQL has no clock of ours that would end the transaction by itself. */
test.each([true, false])(
  'a write after a transaction that got no answer is kept (prepared statements: %s)',
  async (preparedStatements) => {
    const database = await createDatabase();
    const proxy = await startStallingProxy(database.url);
    // One connection, so that the write which follows would get the one of the transaction.
    const config = { databaseUrl: proxy.url, databasePoolSize: 1, databaseTimeoutMs: 1000, preparedStatements };
    const server = await startServer(config, database);
    const { certificate } = opensslPair();
    const create = async (name: string) => {
      const created = await server.request('POST', PAIRS, { name, certificate_data: certificate });
      return ((await created.json()) as { pk: string }).pk;
    };
    const [changed, removed] = [await create('changed'), await create('removed')];

    const other = new Client({ connectionString: database.url });
    await other.connect();
    await other.query('BEGIN');
    await other.query('SELECT 1 FROM keypairs WHERE id = $1 FOR UPDATE', [changed]);
    const change = server.request('PATCH', `${PAIRS}${changed}/`, { name: 'changed by the abandoned transaction' });
    await until(async () => (await database.query(WAITS)).length === 1);
    proxy.stall();
    await other.end();
    expect((await change).status).toBe(503);
    proxy.resume();

    await until(async () => (await server.request('DELETE', `${PAIRS}${removed}/`)).status === 204);
    expect(await database.query('SELECT name FROM keypairs')).toEqual([{ name: 'changed' }]);
    await until(async () => (await database.query(LEFT_OPEN)).length === 0);
    printFigures(
      `transaction abandoned in the middle (prepared statements: ${preparedStatements}): 1 time; nothing joined it`,
    );

    await server.close();
    await proxy.close();
    await database.drop();
  },
);
