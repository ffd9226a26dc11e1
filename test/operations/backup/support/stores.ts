import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { readConfig } from '../../../../src/config.ts';
import { type RestoreReport, restore, restoreTarget } from '../../../../src/operations/index.ts';
import { kekRepository, openKeyRing, parseKeks } from '../../../../src/sealing/index.ts';
import { keep, makeAccount } from '../../../dialects/astra/support/accounts.ts';
import { openTestDatabase } from '../../../support/audit.ts';
import { createDatabase, type TestDatabase } from '../../../support/database.ts';
import { opensslPair } from '../../../support/openssl.ts';
import { PAIRS, startServer } from '../../../support/server.ts';
import { commandOn } from '../../../support/store.ts';
import { until } from '../../../support/until.ts';

export const PAIR = opensslPair('backed-up.example');

const QUIET = { debug() {}, info() {}, warn() {}, error() {} };

/** An empty, migrated database that is dropped after the test. */
export async function emptyDatabase(): Promise<TestDatabase> {
  const database = await createDatabase();
  onTestFinished(() => database.drop());
  return database;
}

export async function temporaryDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'certkeep-test-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

/** Puts something into every table that a backup holds, as far as a server makes it. */
export async function seed(database: TestDatabase): Promise<{ kek: string; token: string; pk: string }> {
  const server = await startServer({}, database);
  const created = await server.request('POST', PAIRS, {
    name: `Zürich \\. \t ${randomUUID()}`,
    certificate_data: PAIR.certificate,
    key_data: PAIR.privateKey,
  });
  const { pk } = (await created.json()) as { pk: string };
  await server.tokenWith([`view_certificatekeypair@${pk}`]);
  await keep(server, await makeAccount(server));
  await until(async () => (await database.query('SELECT FROM event_batch_members')).length > 0);
  await server.close();
  await database.query(
    `INSERT INTO expiry_notices SELECT keypair_id, fingerprint_sha256, '30d', now() FROM expiry_watches;
     UPDATE expiry_watches SET since = '2026-01-02T03:04:05.678901Z', next_at = NULL;
     INSERT INTO webhook_messages (id, type, payload) VALUES (gen_random_uuid(), 'certificate.expiring', E'{"a":"\\\\n\\t"}')`,
  );
  return { kek: server.kek, token: server.token, pk };
}

/** As many pairs as that, like the one that is there: names of their own, and each key sealed by itself. */
export async function multiply(database: TestDatabase, kek: string, pk: string, count: number): Promise<void> {
  const ids = Array.from({ length: count }, () => randomUUID());
  const opened = openTestDatabase(database.url);
  const ring = await openKeyRing(kekRepository(opened), parseKeks(kek));
  await opened.close();
  await database.query(
    `INSERT INTO keypairs SELECT (jsonb_populate_record(k, jsonb_build_object('id', i, 'name', i, 'name_folded', i))).*
      FROM keypairs k, unnest($2::uuid[]) i WHERE k.id = $1`,
    [pk, ids],
  );
  const sealed = ids.map((id) =>
    ring.seal({ rowId: id, purpose: 'private_key', revision: 1 }, `${PAIR.privateKey}${id}`),
  );
  const columns = (['wrapNonce', 'wrappedKey', 'nonce', 'ciphertext', 'tag'] as const).map((name) =>
    sealed.map((record) => Buffer.from(record[name])),
  );
  await database.query(
    `INSERT INTO sealed_secrets (keypair_id, purpose, revision, format_version, kek_id, wrap_nonce, wrapped_key, nonce, ciphertext, tag)
      SELECT id, 'private_key', 1, 1, $2, w, k, n, c, t
        FROM unnest($1::uuid[], $3::bytea[], $4::bytea[], $5::bytea[], $6::bytea[], $7::bytea[]) u (id, w, k, n, c, t)`,
    [ids, sealed[0]?.kekId, ...columns],
  );
}

/** Writes a backup of a database into a new file. */
export async function backUp(database: TestDatabase, kek: string, passphrase?: string, path?: string): Promise<string> {
  const destination = path ?? join(await temporaryDirectory(), 'store.backup');
  const store = await commandOn(database, kek);
  await store.backups.write({
    destination,
    replaces: false,
    // Age's own 18 takes seconds.
    passphrase: passphrase === undefined ? undefined : { passphrase, workFactor: 10 },
    onTable() {},
  });
  return destination;
}

export interface RestoreWith {
  readonly kek?: string;
  readonly auditKey?: string;
  readonly passphrase?: string;
  readonly kekFile?: string;
  readonly auditKeyFile?: string;
  readonly checksOnly?: boolean;
  readonly onVerified?: () => void | Promise<void>;
  readonly onTable?: (table: string) => void;
  /** Told when the store is about to be touched. */
  readonly onOpen?: () => void;
}

/** Restores a backup into a database, as the command does. */
export async function restoreInto(database: TestDatabase, path: string, options: RestoreWith): Promise<RestoreReport> {
  const {
    kek,
    auditKey,
    passphrase,
    kekFile,
    auditKeyFile,
    checksOnly = false,
    onVerified = () => {},
    onTable = () => {},
    onOpen,
  } = options;
  const config = readConfig({ DATABASE_URL: database.url, CERTKEEP_KEK: kek, CERTKEEP_AUDIT_KEY: auditKey });
  const target = await restoreTarget({ config, log: QUIET, kekFile, auditKeyFile });
  return restore({
    path,
    passphrase,
    target: {
      ...target,
      open() {
        onOpen?.();
        return target.open();
      },
    },
    checksOnly,
    onVerified,
    onTable,
  });
}
