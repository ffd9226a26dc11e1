import { Client } from 'pg';

/** A store of any size: its rows are copies of one pair's, each with a name, a row of its sealed key and a watch of its own. */

/** Runs one statement on a connection of its own. */
export async function query<Row extends object>(
  url: string,
  text: string,
  values: readonly unknown[] = [],
): Promise<Row[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(text, [...values])).rows as Row[];
  } finally {
    await client.end();
  }
}

/**
 * Makes the store grow by copies of the pair `template` to so many pairs. Their sealed keys open nothing, and have the size of one.
 *
 * @param from how many pairs there are
 */
export async function grow(url: string, from: number, to: number): Promise<void> {
  const columnsOf = async (table: string, without: readonly string[]) => {
    const rows = await query<{ name: string }>(
      url,
      `SELECT quote_ident(attname) AS name FROM pg_attribute
       WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = '' AND attname <> ALL ($2::text[])`,
      [table, without],
    );
    return rows.map(({ name }) => name).join(', ');
  };
  const ofPairs = await columnsOf('keypairs', ['id', 'name', 'name_folded']);
  const ofSecrets = await columnsOf('sealed_secrets', ['keypair_id']);
  await query(
    url,
    `INSERT INTO keypairs (id, name, name_folded, ${ofPairs})
     SELECT gen_random_uuid(), seeded.name, upper(seeded.name), ${ofPairs} FROM keypairs,
       (SELECT 'seeded ' || lpad(n::text, 7, '0') AS name FROM generate_series($1::int, $2::int) n) seeded
     WHERE keypairs.name = 'template'`,
    [from, to - 1],
  );
  await query(
    url,
    `INSERT INTO sealed_secrets (keypair_id, ${ofSecrets})
     SELECT k.id, template.* FROM (SELECT ${ofSecrets} FROM sealed_secrets
       WHERE keypair_id = (SELECT id FROM keypairs WHERE name = 'template')) template, keypairs k
     WHERE k.name LIKE 'seeded %' AND NOT EXISTS (SELECT FROM sealed_secrets s WHERE s.keypair_id = k.id)`,
  );
  await query(url, 'VACUUM (ANALYZE) keypairs, sealed_secrets, expiry_watches');
  await query(url, 'CHECKPOINT');
}

/** What the tables take on the disk with their indexes, in octets, those first that take most. */
export function sizes(url: string): Promise<{ name: string; octets: number }[]> {
  return query(
    url,
    `SELECT relname AS name, pg_total_relation_size(oid)::float8 AS octets FROM pg_class
     WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY 2 DESC LIMIT 4`,
  );
}

/** How many connections there are to the store, of each program. */
export function connections(url: string): Promise<{ name: string; count: number }[]> {
  return query(
    url,
    `SELECT application_name AS name, count(*)::int AS count FROM pg_stat_activity
     WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend' GROUP BY 1 ORDER BY 1`,
  );
}
