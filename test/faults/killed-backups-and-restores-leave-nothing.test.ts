import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Client } from 'pg';
import { expect, onTestFinished, test } from 'vitest';
import { digestOf, filledTables } from '../operations/backup/support/digest.ts';
import { backUp, emptyDatabase, multiply, seed, temporaryDirectory } from '../operations/backup/support/stores.ts';
import type { TestDatabase } from '../support/database.ts';
import { run } from '../support/process.ts';
import { until } from '../support/until.ts';

/** Keeps a lock until the returned function is called, or the test ends. */
async function holding({ url }: TestDatabase, statement: string): Promise<() => Promise<void>> {
  const client = new Client({ connectionString: url });
  await client.connect();
  await client.query('BEGIN');
  await client.query(statement);
  let held = true;
  const release = async () => {
    if (held) {
      held = false;
      await client.end();
    }
  };
  onTestFinished(release);
  return release;
}

const WAITING = `SELECT FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'certkeep-backup'
  AND wait_event_type = 'Lock' AND query LIKE $1`;
const CONNECTED = `SELECT FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'certkeep-backup'`;

test('a restore that is killed in the middle leaves an empty store, and a second one works', async () => {
  const [source, target] = [await emptyDatabase(), await emptyDatabase()];
  const { kek, pk } = await seed(source);
  await multiply(source, kek, pk, 200);
  const path = await backUp(source, kek);
  const environment = { DATABASE_URL: target.url, CERTKEEP_KEK: kek };

  // Each row of tokens waits: keypairs and their keys are in by then.
  await target.query(`CREATE FUNCTION stall() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN PERFORM pg_advisory_xact_lock(4711); RETURN NEW; END $$`);
  await target.query('CREATE TRIGGER stall BEFORE INSERT ON tokens FOR EACH ROW EXECUTE FUNCTION stall()');
  const release = await holding(target, 'SELECT pg_advisory_xact_lock(4711)');
  const first = run('src/cli/main.ts', ['restore', path], environment);
  await until(async () => (await target.query(WAITING, ['COPY "tokens"%'])).length > 0, 60_000);
  // What it wrote may be on its way still.
  await until(() => first.output().includes('keypairs: 20'));
  first.child.kill('SIGKILL');
  await first.ended;
  await release();
  await until(async () => (await target.query(CONNECTED)).length === 0);
  await target.query('DROP FUNCTION stall CASCADE');
  expect(await filledTables(target)).toEqual([]);

  const second = run('src/cli/main.ts', ['restore', path], environment);
  expect(await second.ended, second.output()).toBe(0);
  expect(await digestOf(target)).toEqual(await digestOf(source));
}, 120_000);

test('a backup that is killed in the middle leaves no file of its name', async () => {
  const source = await emptyDatabase();
  const { kek } = await seed(source);
  const directory = await temporaryDirectory();
  const path = join(directory, 'store.backup');
  await holding(source, 'LOCK TABLE webhook_messages IN ACCESS EXCLUSIVE MODE');

  const backup = run('src/cli/main.ts', ['backup', path], { DATABASE_URL: source.url, CERTKEEP_KEK: kek });
  await until(async () => (await source.query(WAITING, ['COPY "webhook_messages"%'])).length > 0, 60_000);
  backup.child.kill('SIGKILL');
  await backup.ended;
  expect(await readdir(directory)).toEqual([expect.stringMatching(/^store\.backup\..*\.unfinished$/)]);
}, 120_000);
