import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Client } from 'pg';
import { expect, test } from 'vitest';
import { generateKek } from '../../src/sealing/index.ts';
import { createDatabase } from '../support/database.ts';
import { temporaryDirectory } from '../support/embedded-tools.ts';
import { opensslPair } from '../support/openssl.ts';
import { run } from '../support/process.ts';
import { until } from '../support/until.ts';

const PAIRS = 60;
/** As many are stored when the next one has to wait. */
const HELD_AT = 20;
const LOCK = 4711;
const WAITING = "SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'advisory'";

test('an import that is interrupted tells how far it came, leaves every pair whole, and goes on when it runs again', async () => {
  const database = await createDatabase();
  const directory = await temporaryDirectory();
  const { certificate, privateKey } = opensslPair();
  for (let index = 0; index < PAIRS; index++) {
    const folder = join(directory, `pair-${index}`);
    await mkdir(folder);
    await writeFile(join(folder, 'tls.crt'), certificate);
    await writeFile(join(folder, 'tls.key'), privateKey);
  }
  const environment = { DATABASE_URL: database.url, CERTKEEP_KEK: generateKek(), CERTKEEP_DATABASE_POOL_SIZE: '3' };
  const import_ = () => run('src/cli/main.ts', ['import', directory], environment);
  const stored = async () => {
    const rows = await database.query<{ pairs: string; keys: string; events: string }>(
      `SELECT (SELECT count(*) FROM keypairs) AS pairs, (SELECT count(*) FROM events) AS events,
         (SELECT count(*) FROM sealed_secrets WHERE purpose = 'private_key') AS keys`,
    );
    return Object.values(rows[0] ?? {}).map(Number);
  };

  await database.query(`
    CREATE FUNCTION hold() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      IF (SELECT count(*) FROM keypairs) >= ${HELD_AT} THEN PERFORM pg_advisory_xact_lock(${LOCK}); END IF;
      RETURN NEW;
    END $$;
    CREATE TRIGGER hold BEFORE INSERT ON keypairs FOR EACH ROW EXECUTE FUNCTION hold()`);
  const holder = new Client({ connectionString: database.url });
  await holder.connect();
  await holder.query('SELECT pg_advisory_lock($1)', [LOCK]);
  const first = import_();
  await until(async () => (await database.query(WAITING)).length === 1);
  expect(first.output()).toContain(`of ${PAIRS} pairs imported`);
  first.child.kill('SIGINT');
  await holder.end();
  expect(await first.ended, first.output()).toBe(130);
  const created = Number(/^(\d+) created, 0 updated, 0 unchanged, 0 refused/m.exec(first.output())?.[1]);
  expect(first.output()).toContain('interrupted: ');
  expect(created).toBeGreaterThanOrEqual(HELD_AT);
  expect(created).toBeLessThan(PAIRS);
  expect(await stored()).toEqual([created, created, created]);

  const second = import_();
  expect(await second.ended, second.output()).toBe(0);
  expect(second.output()).toContain(`${PAIRS - created} created, 0 updated, ${created} unchanged, 0 refused`);
  expect(await stored()).toEqual([PAIRS, PAIRS, PAIRS]);
  process.stdout.write(`interrupted after ${created} of ${PAIRS} pairs\n`);
  await database.drop();
}, 120_000);
