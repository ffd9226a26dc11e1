import { createHash, randomUUID } from 'node:crypto';
import Fastify from 'fastify';
import { Pool } from 'pg';

/**
 * What the server is compared with: the same answers from bare Fastify routes and prepared SQL, with the same check of the token. It prints its
 * address when it listens.
 *
 *     tsx bench/baseline.ts <database URL>
 */

const pool = new Pool({ connectionString: process.argv[2], max: 10 });
const app = Fastify();

const FIND_CALLER = `SELECT p.id FROM tokens t JOIN principals p ON p.id = t.principal_id
  WHERE t.hash = $1 AND t.revoked_at IS NULL AND (t.expires_at IS NULL OR t.expires_at > now())`;
const FIELDS = `id, name, fingerprint_sha256, fingerprint_sha1, not_after, subject, private_key_seal_revision IS NOT NULL AS has_key,
  key_type, private_key_type, managed`;
const IN_REALM = `realm = 'authentik' AND scope = ''`;
const COUNT = `SELECT count(*)::int AS total FROM keypairs WHERE ${IN_REALM}`;
const PAGE = `SELECT ${FIELDS} FROM keypairs WHERE ${IN_REALM} ORDER BY name LIMIT $1 OFFSET $2`;
const ONE = `SELECT ${FIELDS} FROM keypairs WHERE id = $1`;

interface Row {
  readonly id: string;
  readonly name: string;
  readonly fingerprint_sha256: string;
  readonly fingerprint_sha1: string;
  readonly not_after: Date;
  readonly subject: string;
  readonly has_key: boolean;
  readonly key_type: string | null;
  readonly private_key_type: string | null;
  readonly managed: string | null;
}

/** As the server does it: a caller is believed for five seconds. */
const callers = new Map<string, number>();
async function checkToken(authorization = ''): Promise<void> {
  const hash = createHash('sha256').update(authorization.slice('Bearer '.length)).digest();
  const key = hash.toString('latin1');
  if ((callers.get(key) ?? 0) > performance.now()) {
    return;
  }
  const { rows } = await pool.query({ name: 'caller', text: FIND_CALLER, values: [hash] });
  if (rows.length === 0) {
    throw new Error('the token is invalid');
  }
  callers.set(key, performance.now() + 5000);
}

const path = (id: string, what: string) => `/api/v3/crypto/certificatekeypairs/${id}/view_${what}/?download`;
const render = (row: Row) => ({
  pk: row.id,
  name: row.name,
  fingerprint_sha256: row.fingerprint_sha256,
  fingerprint_sha1: row.fingerprint_sha1,
  cert_expiry: `${row.not_after.toISOString().slice(0, 19)}Z`,
  cert_subject: row.subject,
  private_key_available: row.has_key,
  key_type: row.key_type,
  private_key_type: row.private_key_type,
  certificate_download_url: path(row.id, 'certificate'),
  private_key_download_url: path(row.id, 'private_key'),
  managed: row.managed,
});

async function page(count: number) {
  const { rows } = await pool.query<Row>({ name: 'page', text: PAGE, values: [20, 0] });
  const pagination = {
    next: 2,
    previous: 0,
    count,
    current: 1,
    total_pages: Math.ceil(count / 20),
    start_index: 1,
    end_index: 20,
  };
  return { pagination, results: rows.map(render), autocomplete: {} };
}

app.get('/bare', async () => ({ ready: true }));

app.get('/list', async (request) => {
  await checkToken(request.headers.authorization);
  const { rows } = await pool.query<{ total: number }>({ name: 'count', text: COUNT });
  return page(rows[0]?.total ?? 0);
});

app.get('/list-without-count', async (request) => {
  await checkToken(request.headers.authorization);
  return page(0);
});

app.get<{ Params: { id: string } }>('/pairs/:id', async (request) => {
  await checkToken(request.headers.authorization);
  const { rows } = await pool.query<Row>({ name: 'one', text: ONE, values: [request.params.id] });
  return rows.map(render)[0];
});

const columns = await pool.query<{ name: string }>(
  `SELECT quote_ident(column_name) AS name FROM information_schema.columns
   WHERE table_name = 'keypairs' AND column_name NOT IN ('id', 'name', 'name_folded')`,
);
const copied = columns.rows.map(({ name }) => name).join(', ');
/** The template by its id: by its name alone no index finds it, and each insert would read the whole table. */
const template = await pool.query<{ id: string }>(`SELECT id FROM keypairs WHERE name = 'template'`);
const INSERT = `WITH pair AS (
    INSERT INTO keypairs (id, name, name_folded, ${copied}) SELECT $1, $2, upper($2), ${copied} FROM keypairs WHERE id = $3 RETURNING id)
  INSERT INTO sealed_secrets SELECT pair.id, s.purpose, s.revision, s.format_version, s.kek_id, s.wrap_nonce, s.wrapped_key, s.nonce, s.ciphertext, s.tag
  FROM pair, sealed_secrets s WHERE s.keypair_id = $3`;

/** Writes a row and its sealed key, made already: no certificate is parsed and nothing is sealed. */
app.post<{ Body: { name: string } }>('/pairs', async (request, reply) => {
  await checkToken(request.headers.authorization);
  await pool.query({ name: 'insert', text: INSERT, values: [randomUUID(), request.body.name, template.rows[0]?.id] });
  return reply.code(201).send({ name: request.body.name });
});

process.stdout.write(`${await app.listen({ host: '127.0.0.1', port: 0 })}\n`);
