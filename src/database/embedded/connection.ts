import { Client, DatabaseError } from 'pg';

const DATABASE = 'certkeep';

/** SQLSTATE: cannot_connect_now, invalid_catalog_name (our database is yet to be made) */
const NOT_YET = new Set(['57P03', '3D000']);

/**
 * The connection string of a database on our socket. It leaves nothing to the PG… variables of our environment.
 *
 * @param database ours if not given
 */
export function connectionString(socketDirectory: string, database = DATABASE): string {
  return `postgresql://postgres@localhost:5432/${database}?host=${encodeURIComponent(socketDirectory)}&sslmode=disable`;
}

/**
 * Whether the server on the socket takes connections by now. Makes our database where it is missing.
 *
 * @throws {DatabaseError} where the server answers but refuses for good
 */
export async function isServed(socketDirectory: string): Promise<boolean> {
  return answers(connectionString(socketDirectory, 'postgres'), async (client) => {
    const found = await client.query('SELECT FROM pg_database WHERE datname = $1', [DATABASE]);
    if (found.rowCount === 0) {
      await client.query(`CREATE DATABASE ${DATABASE} TEMPLATE template0`);
    }
  });
}

/**
 * Whether the server on the socket takes connections to our database by now; makes nothing.
 *
 * @throws {DatabaseError} where the server answers but refuses for good
 */
export async function isReady(socketDirectory: string): Promise<boolean> {
  return answers(connectionString(socketDirectory), async () => {});
}

async function answers(url: string, ask: (client: Client) => Promise<void>): Promise<boolean> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 10_000, query_timeout: 30_000 });
  // A connection that breaks fails the query, and tells so here too; without a listener that would end the process.
  client.on('error', () => {});
  try {
    await client.connect();
    await ask(client);
    return true;
  } catch (error) {
    if (error instanceof DatabaseError && !NOT_YET.has(error.code ?? '')) {
      throw error;
    }
    return false;
  } finally {
    await client.end().catch(() => {});
  }
}
