import { randomUUID } from 'node:crypto';
import { cp, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client } from 'pg';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { migrate } from '../../src/database/index.ts';
import type { KeypairId } from '../../src/keypairs/index.ts';
import { aContainer, openServices, signedBy, storePair } from '../keypairs/support.ts';
import { urlOfDatabase } from '../support/database-url.ts';
import { opensslPair } from '../support/openssl.ts';

const MIGRATIONS = fileURLToPath(new URL('../../prisma/migrations', import.meta.url));
const MIGRATION = '20261126000000_name_forms';
const NAME = `certkeep_before_${randomUUID().replaceAll('-', '')}`;
const PAIR = opensslPair('old.example');
const ID = randomUUID() as KeypairId;
const HERE = aContainer();

const url = urlOfDatabase(inject('serverUrl'), NAME);

async function query<Row extends object>(text: string, values: unknown[] = [], on = url): Promise<Row[]> {
  const client = new Client({ connectionString: on });
  await client.connect();
  return (await client.query(text, values).finally(() => client.end())).rows as Row[];
}

/** As a version of that time wrote it. */
const OLD_ROW = `INSERT INTO keypairs (id, realm, scope, name, name_folded, certificate_data, certificate_holds_key, subject, subject_der,
    issuer, issuer_der, serial_number, not_before, not_after, fingerprint_sha256, fingerprint_sha1, signature_algorithm, key_type, key_size,
    public_key_digest, subject_alt_names, is_ca, self_signed, created_by, updated_by)
  VALUES ($1, 'strata', $2, 'old', 'OLD', $3, false, 'CN=old.example', '\\x3000', 'CN=old.example', '\\x3000', '1', '2026-01-01Z', '2027-01-01Z',
    'aa', 'bb', 'ecdsa-with-SHA256', 'ec', 256, 'cc', '{}', true, true, $1, $1)`;

beforeAll(async () => {
  await query(`CREATE DATABASE ${NAME} TEMPLATE template0`, [], inject('serverUrl'));
  const before = await mkdtemp(join(tmpdir(), 'certkeep-migrations-'));
  try {
    for (const name of await readdir(MIGRATIONS)) {
      if (name < MIGRATION) {
        await cp(join(MIGRATIONS, name), join(before, name), { recursive: true });
      }
    }
    await migrate(url, { migrationsDirectory: before });
    await query(OLD_ROW, [ID, HERE.scope, PAIR.certificate]);
  } finally {
    await rm(before, { recursive: true });
  }
});
afterAll(() => query(`DROP DATABASE ${NAME} WITH (FORCE)`, [], inject('serverUrl')));

test('a row from before the names of OpenSSL is kept as it is, read whole, and can sign', async () => {
  const [row] = await query<Record<string, unknown>>('SELECT * FROM keypairs');
  expect((await migrate(url)).applied[0]).toBe(MIGRATION);
  expect(await query('SELECT * FROM keypairs')).toMatchObject([row]);

  const store = await openServices({ url });
  try {
    expect(await store.keypairs.viewOf(HERE, ID)).toMatchObject({
      ...{ id: ID, name: 'old', subject: 'CN=old.example', certificate: PAIR.certificate, privateKeyExportable: true },
      ...{ commonName: null, subjectOneLine: null, issuerOneLine: null, subjectHash: null, issuerHash: null },
    });
    const child = await storePair(store, HERE, { name: 'new', ...PAIR }, signedBy(ID));
    const order = [{ field: 'createdAt', descending: false }] as const;
    const list = await store.keypairs.listCertificates(HERE, {}, order, { limit: 5, offset: 0 });
    expect(list.certificates.map(({ id, commonName }) => [id, commonName])).toEqual([
      [ID, null],
      [child, 'old.example'],
    ]);
  } finally {
    await store.close();
  }
});
