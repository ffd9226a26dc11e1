import type { KeypairId } from '../../../../src/keypairs/index.ts';
import type { TestServer } from '../../../support/server.ts';
import { keep } from './accounts.ts';

/** Expressions of SQL over `n`, which counts from 1. */
export interface Many {
  readonly commonName?: string;
  readonly notAfter?: string;
  readonly desired?: string;
  readonly use?: string;
  readonly labels?: string;
  readonly resourceVersion?: string;
}

/**
 * As many certificates as are wanted in an account, by copying the rows of one: quick. All hold the same certificate, whatever their rows
 * say of it.
 *
 * @returns their ids in the order of their creation
 */
export async function keepMany(
  server: Pick<TestServer, 'trust' | 'database'>,
  account: string,
  count: number,
  { commonName, notAfter, desired, use, labels, resourceVersion }: Many = {},
): Promise<readonly KeypairId[]> {
  const first = await keep(server, account);
  // Later ones first, so that no order comes by itself.
  const numbers = 'generate_series($2::int, 1, -1) n';
  await copyRows(server, 'keypairs', `WHERE id = $1`, numbers, [first, count], {
    id: 'gen_random_uuid()',
    name: "'copy-' || n",
    name_folded: "'copy-' || n",
    created_at: "created_at + (n || ' ms')::interval",
    common_name: commonName,
    not_after: notAfter,
  });
  const copies = `JOIN (SELECT id AS copy, substr(name, 6)::int AS n FROM keypairs
    WHERE scope = (SELECT scope FROM keypairs WHERE id = $1) AND name LIKE 'copy-%') copies ON true`;
  await copyRows(server, 'trust_entries', `WHERE keypair_id = $1`, copies, [first], {
    keypair_id: 'copy',
    desired_state: desired,
    // Told of already, so that no event is written of what these rows became by themselves.
    told_state: "'expired'",
    certificate_use: use,
    labels,
    resource_version: resourceVersion,
  });
  await server.database.query('DELETE FROM keypairs WHERE id = $1', [first]);
  const rows = await server.database.query<{ id: KeypairId }>(
    "SELECT id FROM keypairs WHERE scope = $1 AND name LIKE 'copy-%' ORDER BY created_at",
    [account],
  );
  return rows.map(({ id }) => id);
}

async function copyRows(
  { database }: Pick<TestServer, 'database'>,
  table: string,
  where: string,
  times: string,
  values: unknown[],
  replaced: Readonly<Record<string, string | undefined>>,
): Promise<void> {
  const columns = await database.query<{ name: string }>(
    `SELECT attname AS name FROM pg_attribute
     WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = ''`,
    [table],
  );
  const names = columns.map(({ name }) => name);
  const source = times.startsWith('JOIN') ? `${table} ${times}` : `${table}, ${times}`;
  await database.query(
    `INSERT INTO ${table} (${names.join(', ')})
     SELECT ${names.map((name) => replaced[name] ?? `${table}.${name}`).join(', ')} FROM ${source} ${where}`,
    values,
  );
}
