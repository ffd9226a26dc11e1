import { randomUUID } from 'node:crypto';
import { Client } from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { TokenNotFound, type Tokens } from '../../src/access/index.ts';
import { OPERATOR } from '../../src/audit/index.ts';
import type { Database } from '../../src/database/index.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { until } from '../support/until.ts';
import { connect, tokensOn, wanted } from './support/tokens.ts';

let database: TestDatabase;
let connections: Database;
let tokens: Tokens;

beforeAll(async () => {
  database = await createDatabase();
  connections = connect(database.url);
  tokens = tokensOn(connections);
});
afterAll(async () => {
  await connections.close();
  await database.drop();
});

/** Runs a write beside another one that has not ended yet, and ends that when the first waits for it. */
async function besideAnotherWrite<T>(statement: string, identifier: string, write: () => Promise<T>): Promise<T> {
  const other = new Client({ connectionString: database.url });
  await other.connect();
  try {
    await other.query('BEGIN');
    await other.query(statement, [identifier]);
    let hasEnded = false;
    const writing = write().finally(() => {
      hasEnded = true;
    });
    // Awaited below; until then a refusal has nobody to tell.
    writing.catch(() => {});
    const waits = `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`;
    await until(async () => hasEnded || (await database.query(waits)).length > 0);
    await other.query('COMMIT');
    return await writing;
  } finally {
    await other.end();
  }
}

it('a change is decided by what the token may do when nobody else can change it any more', async () => {
  const identifier = randomUUID();
  await tokens.create(wanted({ identifier }));
  const seen: boolean[] = [];
  const change = () =>
    tokens.change(OPERATOR, identifier, (current) => {
      seen.push(current.isSuperuser);
      return { description: 'changed' };
    });
  const changed = await besideAnotherWrite(
    'UPDATE tokens SET is_superuser = true WHERE identifier = $1',
    identifier,
    change,
  );

  expect(seen).toEqual([true]);
  expect(changed).toMatchObject({ isSuperuser: true, description: 'changed' });
});

it('a token that is revoked meanwhile is not changed', async () => {
  const identifier = randomUUID();
  await tokens.create(wanted({ identifier }));
  const change = () => tokens.change(OPERATOR, identifier, () => ({ expiresAt: null, description: 'changed' }));

  await expect(
    besideAnotherWrite('UPDATE tokens SET revoked_at = now() WHERE identifier = $1', identifier, change),
  ).rejects.toThrow(TokenNotFound);
});

it('what a decision throws is passed on, and neither the token nor an event is written', async () => {
  const identifier = randomUUID();
  await tokens.create(wanted({ identifier, description: 'as it was' }));
  const refuse = () => {
    throw new RangeError('no');
  };

  await expect(tokens.change(OPERATOR, identifier, refuse)).rejects.toThrow(RangeError);
  await expect(tokens.revoke(OPERATOR, identifier, refuse)).rejects.toThrow(RangeError);
  expect(await tokens.find({ identifier })).toMatchObject({ description: 'as it was', revokedAt: null });
  const events = await database.query(`SELECT action FROM events WHERE context::jsonb #>> '{model,name}' = $1`, [
    identifier,
  ]);
  expect(events).toEqual([{ action: 'model_created' }]);
});

it('rights on single keypairs are replaced as a whole, and end with their keypair', async () => {
  const [one, other] = [randomUUID(), randomUUID()];
  for (const id of [one, other]) {
    await database.query(
      `INSERT INTO keypairs (id, realm, name, name_folded, certificate_data, certificate_holds_key, subject, subject_der, issuer,
         issuer_der, serial_number, not_before, not_after, fingerprint_sha256, fingerprint_sha1, signature_algorithm,
         public_key_digest, subject_alt_names, is_ca, self_signed, created_by, updated_by)
       VALUES ($1, 'authentik', $2, '', '', false, '', '', '', '', '', now(), now(), '', '', '', '', '{}', false, false, $1, $1)`,
      [id, id],
    );
  }
  const identifier = randomUUID();
  const view = (keypairId: string) => ({ permission: 'view_certificatekeypair' as const, keypairId });
  const key = await tokens.create(wanted({ identifier, grants: [view(one), view(one)] }));
  const held = async () => (await tokens.authenticate(key, 'write')).objectPermissions;
  expect(await held()).toEqual(new Map([['view_certificatekeypair', new Set([one])]]));

  const rights = { isSuperuser: false, grants: [view(other)], reach: [{ realm: 'authentik' as const }] };
  await tokens.change(OPERATOR, identifier, () => ({ rights }));
  expect(await held()).toEqual(new Map([['view_certificatekeypair', new Set([other])]]));
  await database.query('DELETE FROM keypairs WHERE id = $1', [other]);
  expect(await held()).toEqual(new Map());
});
