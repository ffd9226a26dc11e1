import { afterAll, beforeAll, expect, test } from 'vitest';
import { VIEW_COLUMNS } from '../../src/keypairs/certificate-view.ts';
import type { KeypairId } from '../../src/keypairs/index.ts';
import { listStatement, SUMMARY } from '../../src/keypairs/repository-reads.ts';
import { pageStatement } from '../../src/keypairs/trust/trust-statements.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';

/** What a list of certificates reads. */
const CERTIFICATE = `${SUMMARY}, ${VIEW_COLUMNS}`;

const ACCOUNT = '00000000-0000-4000-8000-000000000000' as KeypairId;

let database: TestDatabase;
beforeAll(async () => {
  database = await createDatabase();
});
afterAll(() => database.drop());

test('texts that are ordered by or searched in are compared by their bytes, whatever the database’s locale', async () => {
  const columns = await database.query<{ column: string }>(`
    SELECT c.relname || '.' || a.attname AS column
    FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_collation l ON l.oid = a.attcollation
    WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace AND l.collname = 'C' ORDER BY 1`);

  expect(columns.map(({ column }) => column)).toEqual([
    'accounts.name',
    'event_batch_drops.mac_key_id',
    'event_batches.mac_key_id',
    'events.action',
    'events.app',
    'events.client_address',
    'events.mac_key_id',
    'events.model_app',
    'events.model_name',
    'events.model_pk',
    'events.request_id',
    'events.username',
    'expiry_notices.fingerprint_sha256',
    'expiry_notices.threshold',
    'expiry_watches.fingerprint_sha256',
    'kek_holders.instance_name',
    'keypairs.common_name',
    'keypairs.fingerprint_sha1',
    'keypairs.fingerprint_sha256',
    'keypairs.issuer',
    'keypairs.issuer_hash',
    'keypairs.issuer_one_line',
    'keypairs.managed',
    'keypairs.name',
    'keypairs.name_folded',
    'keypairs.scope',
    'keypairs.subject',
    'keypairs.subject_hash',
    'keypairs.subject_one_line',
    'leases.name',
    'principals.username',
    'tokens.description',
    'tokens.identifier',
    'trust_entries.resource_version',
    'webhook_messages.type',
  ]);
});

test('the indexes and checks that stand in hand-written SQL are there after all migrations', async () => {
  const indexes = await database.query<{ definition: string }>(`
    SELECT indexdef AS definition FROM pg_indexes WHERE schemaname = 'public' AND indexdef LIKE '% WHERE %' ORDER BY indexname`);
  expect(indexes.map(({ definition }) => definition.replace(/^.* (?=UNIQUE|ON)/, ''))).toEqual([
    expect.stringContaining('expiry_watches USING btree (next_at) WHERE (next_at IS NOT NULL)'),
    expect.stringContaining("keks USING btree (state) WHERE (state = 'sealing'::kek_state)"),
    expect.stringContaining("keypairs USING btree (scope, created_at, id) WHERE (realm = 'astra'::realm)"),
    expect.stringContaining('keypairs USING btree (realm, scope, managed) WHERE (managed IS NOT NULL)'),
    expect.stringContaining("keypairs USING btree (realm, scope, managed) WHERE (managed ~~ 'goauthentik.io/%'::text)"),
    expect.stringContaining("keypairs USING btree (realm, scope, name) WHERE (realm <> 'astra'::realm)"),
    expect.stringContaining("keypairs USING btree (scope, created_at, id) WHERE (realm = 'strata'::realm)"),
    expect.stringContaining("(next_attempt_at) WHERE (state = 'pending'::webhook_state)"),
    expect.stringContaining("(settled_at) WHERE (state = 'failed'::webhook_state)"),
    expect.stringContaining('(settled_at) WHERE (settled_at IS NOT NULL)'),
  ]);

  const checks = await database.query<{ name: string }>(
    "SELECT conname AS name FROM pg_constraint WHERE contype = 'c' AND connamespace = 'public'::regnamespace ORDER BY 1",
  );
  expect(checks.map(({ name }) => name)).toEqual([
    'accounts_name_bounded',
    'event_batch_drops_mac_length',
    'event_batches_lengths',
    'events_mac_length',
    'expiry_notices_threshold',
    'keypairs_astra_common_name',
    'keypairs_certificate_data_once',
    'keypairs_chain_object',
    'keypairs_name_bounded',
    'keypairs_private_key_facts',
    'sealed_secrets_kek_usable',
    'sealed_secrets_lengths',
    'tokens_hash_length',
    'tokens_identifier_bounded',
    'trust_entries_desired',
    'trust_entries_digest_length',
    'trust_entries_labels_array',
    'trust_entries_labels_texts',
    'webhook_messages_error_bounded',
    'webhook_messages_settled',
  ]);
});

test('a stored pair can not be deleted while it is the signer of another', async () => {
  const links = await database.query<{ action: string }>(
    "SELECT confdeltype AS action FROM pg_constraint WHERE conname = 'keypairs_signer_id_fkey'",
  );

  expect(links).toEqual([{ action: 'r' }]);
});

/** How a list would be read of a table of many rows: of an empty one, a scan is the cheapest whichever indexes there are. */
async function planOf({ text, values }: ReturnType<typeof listStatement | typeof pageStatement>): Promise<string> {
  const literal = values.reduce<string>(
    (statement, value, index) =>
      statement.replaceAll(
        `$${index + 1}`,
        typeof value === 'number' ? String(value) : `'${value instanceof Date ? value.toISOString() : value}'`,
      ),
    text,
  );
  await database.query(
    "CREATE OR REPLACE FUNCTION plan(query text) RETURNS SETOF text LANGUAGE plpgsql SET enable_seqscan = off SET enable_bitmapscan = off AS $$ BEGIN RETURN QUERY EXECUTE 'EXPLAIN ' || query; END $$",
  );
  const lines = await database.query<{ plan: string }>('SELECT plan($1)', [literal]);
  return lines.map(({ plan }) => plan).join('\n');
}

test('a list counts from indexes alone, though some pairs are hidden, and reads its page in their order', async () => {
  const plan = await planOf(
    listStatement(
      { realm: 'authentik', scope: '' },
      { exceptManaged: 'hidden' },
      [{ field: 'name', descending: false }],
      { limit: 20, offset: 0 },
    ),
  );

  expect(plan).not.toContain('Seq Scan');
  expect(plan.match(/Index Only Scan/g)).toHaveLength(2);
  expect(plan).toContain('Index Scan using keypairs_realm_scope_name_key');
});

test('a page of a container is read in the order in which its certificates came, and none before it is sorted', async () => {
  const order = [
    { field: 'createdAt', descending: false },
    { field: 'id', descending: false },
  ] as const;
  const plan = await planOf(
    listStatement({ realm: 'strata', scope: '1/folder:Shared' }, {}, order, { limit: 200, offset: 0 }, CERTIFICATE),
  );

  expect(plan).toContain('Index Scan using keypairs_scope_created_at_id_idx');
  // The page alone, once more.
  expect(plan.match(/Sort Key/g)).toHaveLength(1);
});

test('a page of an account is read in the order in which its certificates came, and none before it is sorted', async () => {
  const plan = await planOf(
    pageStatement(ACCOUNT, {
      conditions: [],
      order: { field: 'createdAt', descending: false },
      limit: 100,
      after: { value: '2026-11-22T12:00:00.000000Z', id: ACCOUNT },
      at: new Date(),
    }),
  );

  expect(plan).toContain('Index Scan using keypairs_account_created_at_id_idx');
  expect(plan).not.toContain('Sort Key');
});

test('an account stays for as long as it keeps a certificate, and trust goes with its certificate', async () => {
  const links = await database.query<{ name: string; action: string }>(
    "SELECT conname AS name, confdeltype AS action FROM pg_constraint WHERE conname LIKE 'trust_entries_%_fkey' ORDER BY 1",
  );

  expect(links).toEqual([
    { name: 'trust_entries_account_id_fkey', action: 'r' },
    { name: 'trust_entries_keypair_id_fkey', action: 'c' },
  ]);
});

test('a grant goes with its keypair and with its token', async () => {
  const links = await database.query<{ name: string; action: string }>(
    "SELECT conname AS name, confdeltype AS action FROM pg_constraint WHERE conname LIKE 'object_grants_%_fkey' ORDER BY 1",
  );

  expect(links).toEqual([
    { name: 'object_grants_keypair_id_fkey', action: 'c' },
    { name: 'object_grants_token_id_fkey', action: 'c' },
  ]);
});
