import { createDecipheriv, createHash } from 'node:crypto';
import type { TestDatabase } from '../../../support/database.ts';

/** What tells of what runs, and what whoever restores applies. */
const NOT_BACKED_UP = ['_prisma_migrations', 'kek_holders', 'leases'];

/** Of each table of a database: how many rows, and a digest of all that stands in them. */
export async function digestOf(database: TestDatabase): Promise<Record<string, string>> {
  const tables = await database.query<{ name: string }>(
    `SELECT table_name AS name FROM information_schema.tables
      WHERE table_schema = 'public' AND table_name <> ALL ($1) ORDER BY 1`,
    [NOT_BACKED_UP],
  );
  const digests: Record<string, string> = {};
  for (const { name } of tables) {
    const [row] = await database.query<{ digest: string }>(
      `SELECT count(*) || ' ' || coalesce(md5(string_agg(t::text, E'\\n' ORDER BY t::text COLLATE "C")), '') AS digest FROM "${name}" t`,
    );
    digests[name] = row?.digest ?? '';
  }
  return digests;
}

/** The tables in which anything stands. */
export async function filledTables(database: TestDatabase): Promise<string[]> {
  return Object.entries(await digestOf(database)).flatMap(([name, digest]) => (digest.startsWith('0 ') ? [] : [name]));
}

interface SealedRow {
  readonly id: string;
  readonly purpose: string;
  readonly revision: number;
  readonly wrap_nonce: Buffer;
  readonly wrapped_key: Buffer;
  readonly nonce: Buffer;
  readonly ciphertext: Buffer;
  readonly tag: Buffer;
}

/** A digest of all private keys, opened as docs/decisions/0003-sealing-format.md has it and not by the code under test. */
export async function openedKeysOf(database: TestDatabase, kek: string): Promise<{ keys: number; digest: string }> {
  const rows = await database.query<SealedRow>(
    `SELECT s.*, k.id, k.private_key_seal_revision AS revision FROM sealed_secrets s JOIN keypairs k ON k.id = s.keypair_id
      WHERE s.purpose = 'private_key' ORDER BY k.id`,
  );
  const digest = createHash('sha256');
  for (const row of rows) {
    digest.update(row.id).update(openedByHand(Buffer.from(kek, 'base64'), row));
  }
  return { keys: rows.length, digest: digest.digest('hex') };
}

function openedByHand(kek: Buffer, { id, purpose, revision, wrap_nonce, wrapped_key, ...inner }: SealedRow): Buffer {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(revision));
  const associated = Buffer.concat([
    Buffer.from([1, purpose.length]),
    Buffer.from(purpose, 'latin1'),
    Buffer.from(id.replaceAll('-', ''), 'hex'),
    counter,
  ]);
  const dataKey = decrypt(kek, associated, wrap_nonce, wrapped_key.subarray(0, 32), wrapped_key.subarray(32));
  return decrypt(dataKey, associated, inner.nonce, inner.ciphertext, inner.tag);
}

function decrypt(key: Buffer, associated: Buffer, nonce: Buffer, ciphertext: Buffer, tag: Buffer): Buffer {
  const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: 16 });
  decipher.setAAD(associated);
  decipher.setAuthTag(tag);
  return Buffer.concat([decipher.update(ciphertext), decipher.final()]);
}
