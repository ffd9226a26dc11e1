import { deepStrictEqual } from 'node:assert/strict';
import { Pool } from 'pg';
import { pino } from 'pino';
import { readConfig } from '../../src/config.ts';
import type { Order } from '../../src/keypairs/index.ts';
import { openStore } from '../../src/operations/index.ts';
import type { Bench } from '../bench.ts';
import { compare } from '../compare.ts';
import type { Load } from '../load/load.ts';
import { quantile } from '../statistics.ts';

const CERTIFICATES = 5000;
const LISTS = 10;
const HERE = { realm: 'strata', scope: '1000000000/folder:Bench' } as const;
const ORDER: readonly Order[] = [
  { field: 'createdAt', descending: false },
  { field: 'id', descending: false },
];

const FIELDS = `id, name, managed, fingerprint_sha256, fingerprint_sha1, not_after, subject, key_type, private_key_seal_revision IS NOT NULL,
  private_key_type, certificate_data, common_name, subject_one_line, issuer_one_line, subject_hash, issuer_hash, issuer, not_before, is_ca,
  key_size, private_key_exportable`;
const IN_FOLDER = `FROM keypairs WHERE realm = 'strata' AND scope = $1`;
const COUNT = `SELECT count(*)::int AS total ${IN_FOLDER}`;
const PAGE = `SELECT ${FIELDS} ${IN_FOLDER} ORDER BY created_at, id LIMIT ${CERTIFICATES}`;

/** One after the other, of a client that waits for each. */
async function repeated(list: () => Promise<unknown>): Promise<Load> {
  const waits: number[] = [];
  const begin = performance.now();
  for (let n = 0; n < LISTS; n++) {
    const start = performance.now();
    await list();
    waits.push(performance.now() - start);
  }
  const throughput = (LISTS / (performance.now() - begin)) * 1000;
  return { throughput, p50: quantile(waits, 0.5), p99: quantile(waits, 0.99) };
}

/** All certificates of a folder of exactly 5,000, as the service gives them to a dialect, beside the same fields by raw `pg`. */
export async function certificates({ rounds, report, environment, hold }: Bench): Promise<void> {
  await hold(1);
  const config = readConfig({ ...environment, CERTKEEP_DATABASE_POOL_SIZE: '3' });
  const store = await openStore({ config, log: pino({ level: 'silent' }), attach: true });
  const pool = new Pool({ connectionString: environment['DATABASE_URL'], max: 1 });
  try {
    await fill(pool);
    const page = { limit: CERTIFICATES, offset: 0 };
    const ours = () => store.keypairs.listCertificates(HERE, {}, ORDER, page);
    const raw = async () => {
      const { rows: counted } = await pool.query<{ total: number }>({
        name: 'count',
        text: COUNT,
        values: [HERE.scope],
      });
      const { rows } = await pool.query<{ id: string }>({ name: 'page', text: PAGE, values: [HERE.scope] });
      return { total: counted[0]?.total, ids: rows.map(({ id }) => id) };
    };
    const { total, certificates: listed } = await ours();
    deepStrictEqual({ total, ids: listed.map(({ id }) => id) }, await raw(), 'both list the same');
    deepStrictEqual(total, CERTIFICATES);
    const compared = await compare(
      [
        { name: 'raw pg, with count(*)', run: () => repeated(raw) },
        { name: 'the service', run: () => repeated(ours) },
      ],
      rounds,
    );
    report.compared(
      `all of exactly ${CERTIFICATES} certificates of a folder, in the order in which they came`,
      compared,
    );
  } finally {
    await pool.end();
    await store.close();
  }
}

/** Copies of the template, which the next measure's `hold` removes. */
async function fill(pool: Pool): Promise<void> {
  const { rows: columns } = await pool.query<{ name: string }>(
    `SELECT quote_ident(column_name) AS name FROM information_schema.columns
     WHERE table_name = 'keypairs' AND column_name NOT IN ('id', 'realm', 'scope', 'name', 'name_folded', 'created_at')`,
  );
  const copied = columns.map(({ name }) => name).join(', ');
  await pool.query(
    `INSERT INTO keypairs (id, realm, scope, name, name_folded, created_at, ${copied})
     SELECT gen_random_uuid(), 'strata', $1, 'certificate ' || n, 'CERTIFICATE ' || n, now() + n * interval '1 ms', ${copied}
     FROM keypairs, generate_series(1, $2::int) n WHERE keypairs.name = 'template'`,
    [HERE.scope, CERTIFICATES],
  );
  await pool.query('VACUUM (ANALYZE) keypairs');
  await pool.query('CHECKPOINT');
}
