import { Client, DatabaseError } from 'pg';

const DATABASE = 'certkeep';

/** SQLSTATE */
const CANNOT_CONNECT_NOW = '57P03';

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
  const client = new Client({
    connectionString: connectionString(socketDirectory, 'postgres'),
    connectionTimeoutMillis: 10_000,
    query_timeout: 30_000,
  });
  // A connection that breaks fails the query, and tells so here too; without a listener that would end the process.
  client.on('error', () => {});
  try {
    await client.connect();
    const found = await client.query('SELECT FROM pg_database WHERE datname = $1', [DATABASE]);
    if (found.rowCount === 0) {
      await client.query(`CREATE DATABASE ${DATABASE} TEMPLATE template0`);
    }
    return true;
  } catch (error) {
    if (error instanceof DatabaseError && error.code !== CANNOT_CONNECT_NOW) {
      throw error;
    }
    return false;
  } finally {
    await client.end().catch(() => {});
  }
}
