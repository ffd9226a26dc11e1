import { createHash, randomUUID } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client, DatabaseError } from 'pg';

/** Upwards from src/database/ and from dist/database/ alike. */
const DEFAULT_DIRECTORY = join(dirname(fileURLToPath(import.meta.url)), '..', '..', 'prisma', 'migrations');

/** Prisma's own: its command line and we keep out of each other's way. */
const ADVISORY_LOCK = 72707369;
const LOCK_NOT_AVAILABLE = '55P03';
const DEADLOCK_DETECTED = '40P01';
/** A server that serves meanwhile can hold a row of the table that it is about to write, which a script has locked and reads. */
const ATTEMPTS = 5;

/** As Prisma makes it. */
const TABLE = `
  CREATE TABLE _prisma_migrations (
    id                  VARCHAR(36) PRIMARY KEY NOT NULL,
    checksum            VARCHAR(64) NOT NULL,
    finished_at         TIMESTAMPTZ,
    migration_name      VARCHAR(255) NOT NULL,
    logs                TEXT,
    rolled_back_at      TIMESTAMPTZ,
    started_at          TIMESTAMPTZ NOT NULL DEFAULT now(),
    applied_steps_count INTEGER NOT NULL DEFAULT 0
  )`;

export type MigrationErrorCode =
  | 'MIGRATIONS_NOT_FOUND'
  | 'MIGRATIONS_LOCKED'
  | 'MIGRATION_CHANGED'
  | 'MIGRATION_MISSING'
  | 'MIGRATION_UNFINISHED'
  | 'MIGRATION_FAILED';

/** Why the database was not brought up to date. Nothing of the migration in question is left in it. */
export class MigrationError extends Error {
  override readonly name = 'MigrationError';
  readonly code: MigrationErrorCode;
  /** The migration that it is about, if one. */
  readonly migration: string | undefined;

  constructor(code: MigrationErrorCode, message: string, about: { migration?: string; cause?: unknown } = {}) {
    super(message, { cause: about.cause });
    this.code = code;
    this.migration = about.migration;
  }
}

export interface MigrateOptions {
  /** Holds a directory with a migration.sql per migration; their names give the order. Default: prisma/migrations. */
  readonly migrationsDirectory?: string;
  /** How long to wait for another process that migrates, in milliseconds. */
  readonly lockTimeoutMs?: number;
  readonly log?: { info(fields: object, message: string): void; warn(fields: object, message: string): void };
}

export interface MigrateResult {
  /** The migrations applied now, in order. */
  readonly applied: readonly string[];
  /** Migrations in the database that are later than all we know: a newer version of ours has been here. */
  readonly unknown: readonly string[];
}

interface Migration {
  readonly name: string;
  readonly script: string;
}

interface AppliedMigration {
  readonly migration_name: string;
  readonly checksum: string;
  readonly is_finished: boolean;
}

/**
 * Brings a database up to date, in agreement with `prisma migrate`: its table, its checksums, its lock. Each script and its row are one
 * transaction. Of several processes that start at once one migrates and the others wait.
 *
 * A database that a newer version has migrated further is left as it is, with a warning: while replicas are replaced one by one,
 * the old ones must still be able to start. So a migration must not break the version before it.
 *
 * @param connectionString a direct connection; the lock does not hold through a pooler in transaction mode
 * @throws {MigrationError} see its code
 * @throws pg's error where the database can't be reached
 */
export async function migrate(connectionString: string, options: MigrateOptions = {}): Promise<MigrateResult> {
  const known = await readMigrations(options.migrationsDirectory ?? DEFAULT_DIRECTORY);
  const client = new Client({
    connectionString,
    connectionTimeoutMillis: 10_000,
    application_name: 'certkeep-migrate',
  });
  // A connection that breaks fails the query, and tells so here too; without a listener that would end the process.
  client.on('error', () => {});
  try {
    await client.connect();
    await lock(client, options.lockTimeoutMs ?? 60_000);
    const done = await readApplied(client);
    const unknown = checkHistory(known, done);
    if (unknown.length > 0) {
      options.log?.warn({ migrations: unknown }, 'a newer version of Certkeep has migrated this database further');
    }
    const finished = new Set(done.map((row) => row.migration_name));
    const pending = known.filter(({ name }) => !finished.has(name));
    for (const migration of pending) {
      await applyInSpiteOfDeadlocks(client, migration);
      options.log?.info({ migration: migration.name }, 'applied a migration');
    }
    return { applied: pending.map(({ name }) => name), unknown };
  } finally {
    await client.end().catch(() => {});
  }
}

async function readMigrations(directory: string): Promise<Migration[]> {
  const names = await migrationNames(directory);
  try {
    return await Promise.all(names.map((name) => readMigration(directory, name)));
  } catch (error) {
    throw unreadable(directory, error);
  }
}

/**
 * The migrations that this version knows, in their order.
 *
 * @param directory as {@link MigrateOptions.migrationsDirectory}
 * @throws {MigrationError} MIGRATIONS_NOT_FOUND
 */
export async function migrationNames(directory: string = DEFAULT_DIRECTORY): Promise<string[]> {
  const entries = await readdir(directory, { withFileTypes: true }).catch((error: unknown) => {
    throw unreadable(directory, error);
  });
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  if (names.length === 0) {
    throw new MigrationError('MIGRATIONS_NOT_FOUND', `there are no migrations in ${directory}`);
  }
  // By code unit, as Prisma sorts: no answer may depend on the locale.
  return names.sort();
}

function unreadable(directory: string, cause: unknown): MigrationError {
  return new MigrationError('MIGRATIONS_NOT_FOUND', `the migrations in ${directory} can't be read`, { cause });
}

async function readMigration(directory: string, name: string): Promise<Migration> {
  return { name, script: await readFile(join(directory, name, 'migration.sql'), 'utf8') };
}

/** The lock ends with the connection, however that ends. */
async function lock(client: Client, timeoutMs: number): Promise<void> {
  try {
    // A role may have limits of its own, which are meant for queries.
    await client.query(`SET statement_timeout = 0; SET lock_timeout = ${Math.ceil(timeoutMs)}`);
    await client.query('SELECT pg_advisory_lock($1)', [ADVISORY_LOCK]);
    await client.query('RESET lock_timeout');
  } catch (error) {
    if (error instanceof DatabaseError && error.code === LOCK_NOT_AVAILABLE) {
      const message = `another process has been migrating this database for more than ${timeoutMs} ms`;
      throw new MigrationError('MIGRATIONS_LOCKED', message, { cause: error });
    }
    throw error;
  }
}

/** What the table says, without what was rolled back: that counts as never applied. */
async function readApplied(client: Client): Promise<AppliedMigration[]> {
  const { rows: found } = await client.query<{ table: string | null }>(
    `SELECT to_regclass('_prisma_migrations') "table"`,
  );
  // Asked first: a role that may not create tables can still find everything up to date.
  if (found[0]?.table == null) {
    await client.query(TABLE);
  }
  const { rows } = await client.query<AppliedMigration>(
    `SELECT migration_name, checksum, finished_at IS NOT NULL AS is_finished
       FROM _prisma_migrations WHERE rolled_back_at IS NULL ORDER BY started_at`,
  );
  return rows;
}

/** Compares what was applied with what we know, and returns what is newer than all we know. */
function checkHistory(known: readonly Migration[], done: readonly AppliedMigration[]): string[] {
  const unknown: string[] = [];
  for (const { migration_name: name, checksum, is_finished: isFinished } of done) {
    if (!isFinished) {
      const way = `repair the database by hand, then run: prisma migrate resolve --applied|--rolled-back ${name}`;
      throw new MigrationError('MIGRATION_UNFINISHED', `migration ${name} failed in this database; ${way}`, {
        migration: name,
      });
    }
    const migration = known.find((candidate) => candidate.name === name);
    if (migration !== undefined) {
      requireUnchanged(migration, checksum);
    } else if (known.some((candidate) => candidate.name > name)) {
      const message = `migration ${name} was applied to this database but is not known here`;
      throw new MigrationError('MIGRATION_MISSING', message, { migration: name });
    } else {
      unknown.push(name);
    }
  }
  return unknown;
}

/** Git may have changed the ends of the lines, which Prisma forgives too. */
function requireUnchanged({ name, script }: Migration, checksum: string): void {
  const withNewlines = script.replaceAll('\r\n', '\n');
  const variants = [script, withNewlines, withNewlines.replaceAll('\n', '\r\n')];
  if (!variants.some((variant) => checksumOf(variant) === checksum)) {
    const message = `the script of migration ${name} is not the one that was applied to this database`;
    throw new MigrationError('MIGRATION_CHANGED', message, { migration: name });
  }
}

function checksumOf(script: string): string {
  return createHash('sha256').update(script).digest('hex');
}

/** One that PostgreSQL undid for the sake of others is as good as never begun. */
async function applyInSpiteOfDeadlocks(client: Client, migration: Migration): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await apply(client, migration);
    } catch (error) {
      const { cause } = error instanceof MigrationError ? error : {};
      if (attempt === ATTEMPTS || !(cause instanceof DatabaseError) || cause.code !== DEADLOCK_DETECTED) {
        throw error;
      }
    }
  }
}

async function apply(client: Client, { name, script }: Migration): Promise<void> {
  try {
    await client.query('BEGIN');
    // Without values pg uses the simple protocol, which takes several statements at once.
    await client.query(script);
    await client.query(
      `INSERT INTO _prisma_migrations (id, checksum, finished_at, migration_name, started_at, applied_steps_count)
       VALUES ($1, $2, clock_timestamp(), $3, now(), 1)`,
      [randomUUID(), checksumOf(script), name],
    );
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK').catch(() => {});
    throw new MigrationError('MIGRATION_FAILED', `migration ${name} failed and was undone`, {
      migration: name,
      cause: error,
    });
  }
}
