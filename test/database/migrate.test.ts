import { createHash, randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { appendFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../src/database/embedded/index.ts';
import { migrate } from '../../src/database/migrate.ts';
import { keptDirectory, query, recordingLog, temporaryDirectory, until } from '../support/embedded-tools.ts';

const OURS = fileURLToPath(new URL('../../prisma/migrations', import.meta.url));
const LOCK = 72707369;

let server: EmbeddedPostgres;
let directory: string;

beforeAll(async () => {
  directory = await keptDirectory();
  server = await startEmbeddedPostgres({ dataDirectory: directory, log: recordingLog().log });
});

afterAll(async () => {
  await server.stop();
  await rm(directory, { recursive: true });
});

/** The url of an empty database. */
async function emptyDatabase(): Promise<string> {
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  await query(server.url, `CREATE DATABASE ${name} TEMPLATE template0`);
  const url = new URL(server.url);
  url.pathname = `/${name}`;
  return url.href;
}

/** Migrations with these names and scripts. */
async function migrations(scripts: Record<string, string>): Promise<string> {
  const migrationsDirectory = await temporaryDirectory();
  await writeFile(join(migrationsDirectory, 'migration_lock.toml'), 'provider = "postgresql"\n');
  for (const [name, script] of Object.entries(scripts)) {
    await mkdir(join(migrationsDirectory, name));
    await writeFile(join(migrationsDirectory, name, 'migration.sql'), script);
  }
  return migrationsDirectory;
}

async function connected(url: string): Promise<Client> {
  const client = new Client({ connectionString: url });
  await client.connect();
  onTestFinished(() => client.end());
  return client;
}

const ONE = { '1_one': 'CREATE TABLE one (number integer);\nINSERT INTO one VALUES (1);\n' };
const TWO = { ...ONE, '2_two': 'CREATE TABLE two (number integer);\n' };

describe('migrate', () => {
  it('does again what PostgreSQL undid because it and a server that serves waited for each other', async () => {
    const url = await emptyDatabase();
    await migrate(url, { migrationsDirectory: await migrations(ONE) });
    // As a server that changes a row which it has read and locked, while an index is made and the rows are referred to.
    const writer = await connected(url);
    await writer.query("BEGIN; SET LOCAL deadlock_timeout = '60s'; SELECT FROM one FOR UPDATE");
    const migrating = migrate(url, {
      migrationsDirectory: await migrations({
        ...ONE,
        // PostgreSQL looks for a deadlock once, so long after the wait began: by then the writer has to wait too.
        '2_two':
          "SET LOCAL deadlock_timeout = '4s'; LOCK TABLE one IN SHARE MODE; SELECT FROM one FOR KEY SHARE; CREATE TABLE two (number integer);",
      }),
    });
    const waits =
      "SELECT FROM pg_stat_activity WHERE application_name = 'certkeep-migrate' AND wait_event_type = 'Lock'";
    await until('it waits for the row', async () => (await query(url, waits)).length > 0);
    await writer.query('UPDATE one SET number = 2');
    await writer.query('COMMIT');
    expect(await migrating).toMatchObject({ applied: ['2_two'] });
    expect(await query(url, 'SELECT number FROM one')).toEqual([{ number: 2 }]);
  });

  it('applies our own migrations to an empty database, and finds nothing to do the second time', async () => {
    const url = await emptyDatabase();
    const names = readdirSync(OURS, { withFileTypes: true }).flatMap((entry) =>
      entry.isDirectory() ? [entry.name] : [],
    );
    expect(await migrate(url)).toEqual({ applied: names.sort(), unknown: [] });
    expect(await migrate(url)).toEqual({ applied: [], unknown: [] });
  });

  it("writes the rows of Prisma's own table", async () => {
    const url = await emptyDatabase();
    const migrationsDirectory = await migrations(TWO);
    const { applied } = await migrate(url, { migrationsDirectory });
    expect(applied).toEqual(['1_one', '2_two']);
    const rows = await query(url, 'SELECT * FROM _prisma_migrations ORDER BY started_at');
    expect(rows).toEqual(
      Object.entries(TWO).map(([name, script]) => ({
        id: expect.stringMatching(/^[0-9a-f-]{36}$/),
        checksum: createHash('sha256').update(script).digest('hex'),
        finished_at: expect.any(Date),
        migration_name: name,
        logs: null,
        rolled_back_at: null,
        started_at: expect.any(Date),
        applied_steps_count: 1,
      })),
    );
    for (const { started_at: started, finished_at: finished } of rows) {
      expect(finished.getTime()).toBeGreaterThanOrEqual(started.getTime());
    }
    const columns = await query(
      url,
      `SELECT column_name || ' ' || udt_name || coalesce('(' || character_maximum_length || ')', '') || ' ' || is_nullable AS "column"
         FROM information_schema.columns WHERE table_name = '_prisma_migrations' ORDER BY ordinal_position`,
    );
    expect(columns.map(({ column }) => column)).toEqual([
      'id varchar(36) NO',
      'checksum varchar(64) NO',
      'finished_at timestamptz YES',
      'migration_name varchar(255) NO',
      'logs text YES',
      'rolled_back_at timestamptz YES',
      'started_at timestamptz NO',
      'applied_steps_count int4 NO',
    ]);
  });

  it('applies only what is new', async () => {
    const url = await emptyDatabase();
    await migrate(url, { migrationsDirectory: await migrations(ONE) });
    const { log, entries } = recordingLog();
    const result = await migrate(url, { migrationsDirectory: await migrations(TWO), log });
    expect(result).toEqual({ applied: ['2_two'], unknown: [] });
    expect(entries).toEqual([{ level: 'info', message: 'applied a migration' }]);
  });

  it('applies each migration once when several processes start at once', async () => {
    const url = await emptyDatabase();
    const migrationsDirectory = await migrations(TWO);
    const results = await Promise.all([1, 2, 3, 4].map(() => migrate(url, { migrationsDirectory })));
    expect(results.flatMap(({ applied }) => applied)).toEqual(['1_one', '2_two']);
    expect(await query(url, 'SELECT number FROM one')).toEqual([{ number: 1 }]);
  });

  it("waits for Prisma's lock, but not for ever", async () => {
    const url = await emptyDatabase();
    const migrationsDirectory = await migrations(ONE);
    const other = await connected(url);
    await other.query('SELECT pg_advisory_lock($1)', [LOCK]);
    const refused = migrate(url, { migrationsDirectory, lockTimeoutMs: 200 });
    await expect(refused).rejects.toMatchObject({ code: 'MIGRATIONS_LOCKED' });
    const waiting = migrate(url, { migrationsDirectory });
    await until('it waits', async () => {
      const waiting = await query(url, `SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted`);
      return waiting.length === 1;
    });
    await other.query('SELECT pg_advisory_unlock($1)', [LOCK]);
    expect((await waiting).applied).toEqual(['1_one']);
  });

  it('is not held to the time limits of its role', async () => {
    const url = await emptyDatabase();
    await query(url, `ALTER DATABASE ${new URL(url).pathname.slice(1)} SET statement_timeout = '50ms'`);
    const migrationsDirectory = await migrations({ '1_slow': 'SELECT pg_sleep(0.2)' });
    expect((await migrate(url, { migrationsDirectory })).applied).toEqual(['1_slow']);
  });

  it('undoes a migration that fails, keeps those before it, and applies it when it is repaired', async () => {
    const url = await emptyDatabase();
    const broken = { ...TWO, '3_three': 'CREATE TABLE three (number integer);\nINSERT INTO nowhere VALUES (1);' };
    const failure = migrate(url, { migrationsDirectory: await migrations(broken) });
    await expect(failure).rejects.toMatchObject({
      code: 'MIGRATION_FAILED',
      migration: '3_three',
      cause: expect.objectContaining({ message: expect.stringContaining('nowhere') }),
    });
    expect(await query(url, `SELECT to_regclass('two') AS two, to_regclass('three') AS three`)).toEqual([
      { two: 'two', three: null },
    ]);
    const repaired = { ...TWO, '3_three': 'CREATE TABLE three (number integer)' };
    expect((await migrate(url, { migrationsDirectory: await migrations(repaired) })).applied).toEqual(['3_three']);
  });

  it('undoes a migration whose row can not be written', async () => {
    const url = await emptyDatabase();
    const script = `CREATE TABLE one (number integer);
      ALTER TABLE _prisma_migrations ADD CHECK (migration_name <> '1_one')`;
    const failure = migrate(url, { migrationsDirectory: await migrations({ '1_one': script }) });
    await expect(failure).rejects.toMatchObject({ code: 'MIGRATION_FAILED' });
    expect(await query(url, `SELECT to_regclass('one') AS one`)).toEqual([{ one: null }]);
  });

  it('refuses a migration that was changed after it was applied', async () => {
    const url = await emptyDatabase();
    const migrationsDirectory = await migrations(TWO);
    await migrate(url, { migrationsDirectory });
    await appendFile(join(migrationsDirectory, '1_one', 'migration.sql'), '-- more\n');
    const refused = migrate(url, { migrationsDirectory });
    await expect(refused).rejects.toMatchObject({ code: 'MIGRATION_CHANGED', migration: '1_one' });
  });

  it('forgives other ends of lines', async () => {
    const url = await emptyDatabase();
    const migrationsDirectory = await migrations(ONE);
    await migrate(url, { migrationsDirectory });
    const file = join(migrationsDirectory, '1_one', 'migration.sql');
    await writeFile(file, (await readFile(file, 'utf8')).replaceAll('\n', '\r\n'));
    expect((await migrate(url, { migrationsDirectory })).applied).toEqual([]);
  });

  it('refuses a database with a migration that is older than ours and that we do not know', async () => {
    const url = await emptyDatabase();
    await migrate(url, { migrationsDirectory: await migrations(TWO) });
    const refused = migrate(url, { migrationsDirectory: await migrations({ '2_two': TWO['2_two'] }) });
    await expect(refused).rejects.toMatchObject({ code: 'MIGRATION_MISSING', migration: '1_one' });
  });

  it('leaves a database as it is that a newer version has migrated further, and says so', async () => {
    const url = await emptyDatabase();
    await migrate(url, { migrationsDirectory: await migrations(TWO) });
    const { log, entries } = recordingLog();
    const result = await migrate(url, { migrationsDirectory: await migrations(ONE), log });
    expect(result).toEqual({ applied: [], unknown: ['2_two'] });
    expect(entries).toEqual([{ level: 'warn', message: expect.stringContaining('newer version') }]);
  });

  it('refuses after a failure of Prisma that nobody has resolved, and goes on when it is', async () => {
    const url = await emptyDatabase();
    const migrationsDirectory = await migrations(TWO);
    await migrate(url, { migrationsDirectory: await migrations(ONE) });
    const checksum = createHash('sha256').update(TWO['2_two']).digest('hex');
    await query(
      url,
      `INSERT INTO _prisma_migrations (id, checksum, migration_name, logs) VALUES ('x', '${checksum}', '2_two', 'it broke')`,
    );
    const refused = migrate(url, { migrationsDirectory });
    await expect(refused).rejects.toMatchObject({ code: 'MIGRATION_UNFINISHED', migration: '2_two' });
    await query(url, `UPDATE _prisma_migrations SET rolled_back_at = now() WHERE id = 'x'`);
    expect((await migrate(url, { migrationsDirectory })).applied).toEqual(['2_two']);
  });

  it('needs no right to create tables where there is nothing to do', async () => {
    const url = await emptyDatabase();
    const migrationsDirectory = await migrations(ONE);
    await migrate(url, { migrationsDirectory });
    const role = `reader_${randomUUID().slice(0, 8)}`;
    await query(url, `CREATE ROLE ${role} LOGIN; GRANT SELECT ON _prisma_migrations TO ${role}`);
    const asReader = new URL(url);
    asReader.username = role;
    expect(await migrate(asReader.href, { migrationsDirectory })).toEqual({ applied: [], unknown: [] });
  });

  it.each(['an absent', 'an empty'])('refuses %s directory of migrations', async (kind) => {
    const empty = await temporaryDirectory();
    const migrationsDirectory = kind === 'an empty' ? empty : join(empty, 'absent');
    const refused = migrate(server.url, { migrationsDirectory });
    await expect(refused).rejects.toMatchObject({ code: 'MIGRATIONS_NOT_FOUND' });
  });

  it('holds no transaction command in our own scripts, which would break one transaction in two', () => {
    for (const entry of readdirSync(OURS, { withFileTypes: true }).filter((candidate) => candidate.isDirectory())) {
      const script = readFileSync(join(OURS, entry.name, 'migration.sql'), 'utf8');
      expect(script).not.toMatch(/^\s*(BEGIN|COMMIT|ROLLBACK|START TRANSACTION)\b|\bCONCURRENTLY\b/im);
    }
  });
});
