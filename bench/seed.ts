import { Client } from 'pg';

/**
 * Fills the store up to so many pairs: copies of the pair `template`, each of its own id and name.
 *
 * @param url of the database
 */
export async function seed(url: string, wanted: number): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  const { rows: columns } = await client.query<{ name: string }>(
    `SELECT quote_ident(column_name) AS name FROM information_schema.columns
     WHERE table_name = 'keypairs' AND column_name NOT IN ('id', 'name', 'name_folded')`,
  );
  const copied = columns.map(({ name }) => name).join(', ');
  const { rows } = await client.query<{ total: number }>('SELECT count(*)::int AS total FROM keypairs');
  await client.query(
    `INSERT INTO keypairs (id, name, name_folded, ${copied})
     SELECT gen_random_uuid(), n.name, n.name, ${copied} FROM keypairs,
       (SELECT 'seeded ' || lpad(g::text, 7, '0') AS name FROM generate_series($1::int, $2::int - 1) g) n
     WHERE keypairs.name = 'template'`,
    [rows[0]?.total ?? 0, wanted],
  );
  await client.query('VACUUM ANALYZE keypairs');
  await client.end();
}
