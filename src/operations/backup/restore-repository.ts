import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { openSession, type Session, withStoreErrors } from '../../database/index.ts';
import { copyTarget } from './backup-repository.ts';
import { BackupError } from './errors.ts';
import type { TableHeader } from './records.ts';
import { TABLES } from './tables.ts';

/** A store that is being filled, in one transaction. Nobody else writes to it meanwhile. */
export interface Restoration {
  /** @returns how many rows the database took */
  fill(table: TableHeader, rows: AsyncIterable<Buffer>): Promise<number>;
  /** @param last the number of a principal that was given out last */
  continueNumbers(last: string | null): Promise<void>;
  commit(): Promise<void>;
  /** Whatever was not committed is gone. */
  close(): Promise<void>;
}

const EXISTING = 'SELECT name FROM unnest($1::text[]) AS name WHERE to_regclass(name) IS NOT NULL';

/** A server that begins meanwhile waits, and meets a store that is filled. */
const LOCK = `LOCK TABLE ${TABLES.join(', ')} IN SHARE ROW EXCLUSIVE MODE`;

const CONTINUE_NUMBERS = `SELECT setval(pg_get_serial_sequence('principals', 'number')::regclass, $1::bigint)`;

/**
 * Finds whether a database, migrated or not, holds nothing that a backup would hold.
 *
 * @throws {BackupError} STORE_NOT_EMPTY
 * @throws {StoreUnavailable}
 */
export async function requireEmptyStore(url: string): Promise<void> {
  await withSession(url, requireEmpty);
}

/**
 * Begins to fill a store that is migrated.
 *
 * @param url a direct connection, as the owner of the tables
 * @throws {BackupError} STORE_NOT_EMPTY
 * @throws {StoreUnavailable}
 */
export async function beginRestoration(url: string): Promise<Restoration> {
  const session = await connect(url);
  try {
    await session.query(`BEGIN; ${LOCK}`);
    await requireEmpty(session);
  } catch (error) {
    await session.close();
    throw error;
  }
  return withStoreErrors({
    fill: (table: TableHeader, rows: AsyncIterable<Buffer>) => fill(session, table, rows),
    async continueNumbers(last: string | null) {
      if (last !== null) {
        await session.query(CONTINUE_NUMBERS, [last]);
      }
    },
    async commit() {
      await session.query('COMMIT');
    },
    close: () => session.close(),
  });
}

async function fill(session: Session, { table, columns }: TableHeader, rows: AsyncIterable<Buffer>): Promise<number> {
  if (table === 'expiry_watches') {
    // A trigger has made one for each keypair that was just put in: those of the backup know what was told already.
    await session.query('DELETE FROM expiry_watches');
  }
  const copy = session.copyIn(`COPY ${copyTarget(table, columns)} FROM STDIN`);
  try {
    await pipeline(Readable.from(rows), copy);
  } catch (error) {
    throw isAboutContent(error) ? new BackupError('BACKUP_DAMAGED', `the rows of ${table}`, error) : error;
  }
  return copy.rowCount;
}

/** SQLSTATE: class 22 a value that is none, 23 a constraint, 42701 and 42703 a column that is there twice or not at all. */
const CONTENT = /^(22...|23...|42701|42703)$/;

/** Whether the database refuses what it is given. What it says of that holds parts of rows, and is not for the terminal. */
function isAboutContent(error: unknown): boolean {
  return error instanceof Error && 'code' in error && CONTENT.test(String(error.code));
}

async function requireEmpty(session: Session): Promise<void> {
  const existing = await session.query<{ name: string }>(EXISTING, [TABLES]);
  const filled: string[] = [];
  for (const { name } of existing) {
    const [row] = await session.query<{ found: boolean }>(`SELECT EXISTS (SELECT FROM "${name}") AS found`);
    if (row?.found === true) {
      filled.push(name);
    }
  }
  if (filled.length > 0) {
    throw new BackupError('STORE_NOT_EMPTY', filled.join(', '));
  }
}

const { connect } = withStoreErrors({ connect: (url: string) => openSession(url) });

async function withSession(url: string, act: (session: Session) => Promise<void>): Promise<void> {
  const session = await connect(url);
  try {
    await act(session);
  } finally {
    await session.close();
  }
}
