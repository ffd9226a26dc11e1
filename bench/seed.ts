import { Client } from 'pg';

/**
 * Makes the store hold exactly so many pairs, whatever it held: the pair `template`, and copies of it that have an id and a name each. The
 * copies have no sealed key, which neither lists nor retrieves ever touch.
 *
 * @param url of the database
 * @throws {DatabaseError} where the database does not do it
 */
export async function seed(url: string, wanted: number): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    const copies = wanted - 1;
    const { rowCount } = await client.query(
      `DELETE FROM keypairs WHERE name <> 'template' AND (name NOT LIKE 'seeded %' OR name > $1)`,
      [seededName(copies)],
    );
    const { rows: columns } = await client.query<{ name: string }>(
      `SELECT quote_ident(column_name) AS name FROM information_schema.columns
       WHERE table_name = 'keypairs' AND column_name NOT IN ('id', 'name', 'name_folded')`,
    );
    const copied = columns.map(({ name }) => name).join(', ');
    await client.query(
      `INSERT INTO keypairs (id, name, name_folded, ${copied})
       SELECT gen_random_uuid(), seeded.name, upper(seeded.name), ${copied} FROM keypairs,
         (SELECT 'seeded ' || lpad(n::text, 7, '0') AS name FROM generate_series(1, $1::int) n) seeded
       WHERE keypairs.name = 'template'
       ON CONFLICT DO NOTHING`,
      [copies],
    );
    if (rowCount !== 0) {
      // What was deleted would still be read past.
      await client.query('VACUUM (FULL) keypairs, sealed_secrets');
    }
    await client.query('VACUUM (ANALYZE) keypairs, sealed_secrets');
    // Otherwise one falls due in the middle of what is measured next.
    await client.query('CHECKPOINT');
  } finally {
    await client.end();
  }
}

function seededName(n: number): string {
  return `seeded ${String(n).padStart(7, '0')}`;
}
