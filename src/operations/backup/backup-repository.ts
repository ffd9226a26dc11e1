import { openSession, type Session, withStoreErrors } from '../../database/index.ts';
import type { RowSource } from './content-writing.ts';
import type { Header } from './records.ts';
import type { Table } from './tables.ts';

/** What a header tells of the store itself. */
export type StoreFacts = Pick<Header, 'createdAt' | 'migrations' | 'keks' | 'principalNumber'>;

/** A store as it is at one moment, while others go on writing. */
export interface Snapshot extends RowSource {
  facts(): Promise<StoreFacts>;
  close(): Promise<void>;
}

const BEGIN = 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY';

const MIGRATIONS = `
  SELECT migration_name AS name FROM _prisma_migrations
  WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL ORDER BY migration_name COLLATE "C"`;

const KEKS = 'SELECT id, state, superseded, canary FROM keks ORDER BY created_at, id';

/** A sequence is in no snapshot: what it gave out is no less than what stands in the rows. */
const FACTS = `
  SELECT clock_timestamp() AS now,
    pg_sequence_last_value(pg_get_serial_sequence('principals', 'number')::regclass)::text AS number`;

const COLUMNS = `
  SELECT attname AS name FROM pg_attribute
  WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = '' ORDER BY attnum`;

/**
 * Opens a store for a backup.
 *
 * @param url a direct connection: it is held for as long as the backup takes
 * @throws {StoreUnavailable}
 */
export async function openSnapshot(url: string): Promise<Snapshot> {
  const { open } = withStoreErrors({ open: () => openSession(url) });
  const session = await open();
  try {
    await session.query(BEGIN);
    return { ...withStoreErrors(readsOf(session)), rows: (table, columns) => copyOut(session, table, columns) };
  } catch (error) {
    await session.close();
    throw error;
  }
}

function readsOf(session: Session) {
  return {
    async facts(): Promise<StoreFacts> {
      const migrations = await session.query<{ name: string }>(MIGRATIONS);
      const keks = await session.query<StoreFacts['keks'][number]>(KEKS);
      const [facts] = await session.query<{ now: Date; number: string | null }>(FACTS);
      if (facts === undefined) {
        throw new Error('the database does not tell the time');
      }
      return {
        createdAt: facts.now.toISOString(),
        migrations: migrations.map(({ name }) => name),
        keks,
        principalNumber: facts.number,
      };
    },
    async columns(table: Table): Promise<string[]> {
      return (await session.query<{ name: string }>(COLUMNS, [table])).map(({ name }) => name);
    },
    close: () => session.close(),
  };
}

/** What the text of a COPY names: all of it comes out of the closed list of tables and of PostgreSQL's catalogue. */
export function copyTarget(table: Table, columns: readonly string[]): string {
  return `"${table}" (${columns.map((name) => `"${name}"`).join(', ')})`;
}

function copyOut(session: Session, table: Table, columns: readonly string[]): AsyncIterable<Buffer> {
  return session.copyOut(`COPY ${copyTarget(table, columns)} TO STDOUT`);
}
