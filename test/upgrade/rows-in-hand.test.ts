import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client } from 'pg';
import { expect, onTestFinished, test } from 'vitest';
import { migrate } from '../../src/database/index.ts';
import { plant } from '../operations/expiry/support.ts';
import { createDatabase } from '../support/database.ts';
import { until } from '../support/until.ts';
import { hasHistory, previousMigrations } from './support/previous-version.ts';

const MIGRATIONS = fileURLToPath(new URL('../../prisma/migrations', import.meta.url));
const WAITING = `
  SELECT FROM pg_stat_activity
  WHERE datname = current_database() AND application_name = 'certkeep-migrate' AND wait_event_type = 'Lock'`;
const IS_SUPERUSER = 'SELECT FROM pg_roles WHERE rolname = current_user AND rolsuper';

/** The migrations of the previous version, alone. */
async function directoryOfThose(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'certkeep-migrations-'));
  onTestFinished(() => rm(directory, { recursive: true }));
  for (const name of previousMigrations()) {
    await cp(join(MIGRATIONS, name), join(directory, name), { recursive: true });
  }
  return directory;
}

test.runIf(hasHistory)(
  'a migration waits for a server that has a row in hand, which then writes it undisturbed',
  async ({ skip }) => {
    const database = await createDatabase();
    onTestFinished(() => database.drop());
    skip((await database.query(IS_SUPERUSER)).length === 0, 'only a superuser says whom a deadlock ends');
    await database.query('DROP SCHEMA public CASCADE; CREATE SCHEMA public');
    await migrate(database.url, { migrationsDirectory: await directoryOfThose() });
    const day = 24 * 60 * 60 * 1000;
    const notBefore = new Date();
    const id = await plant(database, { notBefore, notAfter: new Date(notBefore.getTime() + 90 * day) });
    const server = new Client({ connectionString: database.url });
    await server.connect();
    onTestFinished(() => server.end());
    // Of two that wait for each other, PostgreSQL would end this one.
    await server.query("SET deadlock_timeout = '10ms'; BEGIN");
    await server.query('SELECT FROM keypairs WHERE id = $1 FOR UPDATE', [id]);

    const migrating = migrate(database.url);
    await until(async () => (await database.query(WAITING)).length > 0);
    await server.query("UPDATE keypairs SET name = 'renamed' WHERE id = $1", [id]);
    await server.query('COMMIT');
    expect((await migrating).applied.length).toBeGreaterThan(0);
    expect(await database.query('SELECT name FROM keypairs')).toEqual([{ name: 'renamed' }]);
  },
);
