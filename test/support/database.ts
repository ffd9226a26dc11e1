import { randomUUID } from 'node:crypto';
import { Client } from 'pg';
import { inject } from 'vitest';
import { urlOfDatabase } from './database-url.ts';

export interface TestDatabase {
  readonly url: string;
  /** Runs a statement as the database's owner, beside whatever else is connected. */
  query<Row extends object = Record<string, unknown>>(text: string, values?: unknown[]): Promise<Row[]>;
  drop(): Promise<void>;
}

/** A migrated, empty database of the caller's own. */
export async function createDatabase(): Promise<TestDatabase> {
  const serverUrl = inject('serverUrl');
  const name = `certkeep_test_${randomUUID().replaceAll('-', '')}`;
  await once(serverUrl, `CREATE DATABASE ${name} TEMPLATE ${inject('templateName')}`);
  const url = urlOfDatabase(serverUrl, name);
  return {
    url,
    query: (text, values) => once(url, text, values),
    async drop() {
      await once(serverUrl, `DROP DATABASE ${name} WITH (FORCE)`);
    },
  };
}

async function once<Row extends object>(url: string, text: string, values: unknown[] = []): Promise<Row[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    const result = await client.query(text, values);
    return result.rows as Row[];
  } finally {
    await client.end();
  }
}
