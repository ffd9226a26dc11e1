import { randomBytes, randomUUID } from 'node:crypto';
import { onTestFinished } from 'vitest';
import { auditTrail } from '../../../src/audit/index.ts';
import { type ExpiryRepository, expiryRepository } from '../../../src/operations/expiry/expiry-repository.ts';
import { expiryTurn } from '../../../src/operations/expiry/expiry-watch.ts';
import { openTestDatabase, someKeys } from '../../support/audit.ts';
import type { TestDatabase } from '../../support/database.ts';

export const DAY = 24 * 60 * 60 * 1000;

export interface PlantedCertificate {
  readonly notBefore: Date;
  readonly notAfter: Date;
  readonly fingerprint?: string;
}

export const aFingerprint = () => randomBytes(32).toString('hex');

/** As a server of the version before stored a pair, which knew nothing of watches. */
const PLANT = `
  INSERT INTO keypairs (id, realm, scope, name, name_folded, certificate_data, certificate_holds_key, subject, subject_der, issuer, issuer_der,
    serial_number, not_before, not_after, fingerprint_sha256, fingerprint_sha1, signature_algorithm, key_type, key_size, public_key_digest,
    subject_alt_names, is_ca, self_signed, created_by, updated_by)
  VALUES ($1, $2, $3, $4, upper($4), 'text', false, 'CN=' || $4, '\\x3000', 'CN=issuer', '\\x3000', '2a', $5, $6, $7, 'bb', 'ecdsa-with-SHA256',
    'ec', 256, 'cc', '{}', false, false, $1, $1)`;

/** Stores a pair by plain SQL, and returns its id. */
export async function plant(
  { query }: Pick<TestDatabase, 'query'>,
  { notBefore, notAfter, fingerprint = aFingerprint() }: PlantedCertificate,
  { id = randomUUID() as string, name = '', realm = 'authentik', scope = '' } = {},
): Promise<string> {
  await query(PLANT, [id, realm, scope, name || id, notBefore, notAfter, fingerprint]);
  return id;
}

/** Stores many pairs at once, in the same way; the n-th of them expires so many days and n seconds from now. */
export async function plantMany(
  { query }: Pick<TestDatabase, 'query'>,
  count: number,
  daysLeft: number,
): Promise<void> {
  await query(
    `INSERT INTO keypairs (id, realm, scope, name, name_folded, certificate_data, certificate_holds_key, subject, subject_der, issuer,
       issuer_der, serial_number, not_before, not_after, fingerprint_sha256, fingerprint_sha1, signature_algorithm, key_type, key_size,
       public_key_digest, subject_alt_names, is_ca, self_signed, created_by, updated_by)
     SELECT id, 'authentik', '', id, id, 'text', false, 'CN=' || id, '\\x3000', 'CN=issuer', '\\x3000', '2a', not_after - interval '90 days',
       not_after, encode(sha256(id::text::bytea), 'hex'), 'bb', 'ecdsa-with-SHA256', 'ec', 256, 'cc', '{}', false, false, id, id
     FROM (SELECT gen_random_uuid() AS id, now() + $2 * interval '1 day' + n * interval '1 second' AS not_after
       FROM generate_series(1, $1) AS n) planted`,
    [count, daysLeft],
  );
}

/** Exchanges a pair's certificate by plain SQL. */
export async function exchange(
  { query }: Pick<TestDatabase, 'query'>,
  id: string,
  { notBefore, notAfter, fingerprint = aFingerprint() }: PlantedCertificate,
): Promise<void> {
  await query('UPDATE keypairs SET not_before = $2, not_after = $3, fingerprint_sha256 = $4 WHERE id = $1', [
    ...[id, notBefore, notAfter],
    fingerprint,
  ]);
}

/** Says when a certificate was stored there, instead of the database's clock. */
export async function storedAt({ query }: Pick<TestDatabase, 'query'>, id: string, at: Date): Promise<void> {
  await query('UPDATE expiry_watches SET since = $2 WHERE keypair_id = $1', [id, at]);
}

export interface WatcherOptions {
  /** The database's clock unless it is given. */
  readonly now?: () => Date;
  readonly batch?: number;
  readonly sendsWebhooks?: boolean;
  readonly onNotice?: (threshold: string) => void;
  readonly repository?: (repository: ExpiryRepository) => ExpiryRepository;
}

/** A watcher as of a process of its own: it takes a turn when it is told to. Ends with the test. */
export function openWatcher({ url }: Pick<TestDatabase, 'url'>, options: WatcherOptions = {}) {
  const database = openTestDatabase(url);
  onTestFinished(() => database.close());
  const { repository: wrap = (it) => it, sendsWebhooks = false, ...rest } = options;
  const trail = auditTrail({ insert: async () => {} }, someKeys().current);
  const log = { info() {}, warn() {} };
  return expiryTurn({ repository: wrap(expiryRepository(database)), trail, log, sendsWebhooks, ...rest });
}

/** What was told of a pair: thresholds by the events, in the order in which they were written. */
export async function toldOf({ query }: Pick<TestDatabase, 'query'>, id: string): Promise<string[]> {
  const rows = await query<{ threshold: string }>(
    `SELECT context::jsonb->>'threshold' AS threshold FROM events
     WHERE action = 'configuration_warning' AND model_pk = $1 ORDER BY created_at, ctid`,
    [id.replaceAll('-', '')],
  );
  return rows.map(({ threshold }) => threshold);
}
