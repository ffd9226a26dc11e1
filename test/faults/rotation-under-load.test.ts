import { randomBytes, randomUUID } from 'node:crypto';
import { expect, onTestFinished, test } from 'vitest';
import { generateKek } from '../../src/sealing/index.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { whileLocked } from '../support/held-lock.ts';
import { type RunningProcess, run } from '../support/process.ts';
import { until } from '../support/until.ts';
import { send } from './support/client.ts';
import { printFigures } from './support/figures.ts';
import { createMaterial } from './support/material.ts';
import { readEach, startRotationLoad, storePairs } from './support/rotation-load.ts';
import { isLongRun } from './support/rounds.ts';
import { startServerProcess } from './support/server-process.ts';

const PAIRS = isLongRun() ? 5000 : 350;
/** The rotation is killed once it has wrapped so much anew of what clients, who change a quarter of the pairs, leave to it. */
const KILLED_AT = isLongRun() ? [0.12, 0.3, 0.5, 0.7, 0.8] : [0.2, 0.6];
const STOPS = KILLED_AT.map((share) => Math.round(share * 0.75 * 2 * PAIRS));
/** What it waits for there, so that the kill meets it, whenever that comes. */
const STOP = { advisory: 4711 };
const READS = 1000;
const WRITES = 200;

const BRAKE = `
  CREATE SEQUENCE wrapped;
  CREATE FUNCTION brake() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF nextval('wrapped') IN (${STOPS.join()}) THEN
      PERFORM pg_advisory_xact_lock_shared(${STOP.advisory});
    END IF;
    RETURN NEW;
  END $$;
  CREATE TRIGGER brake BEFORE UPDATE ON sealed_secrets FOR EACH ROW
    WHEN (OLD.kek_id <> NEW.kek_id AND OLD.ciphertext = NEW.ciphertext) EXECUTE FUNCTION brake()`;

const STATEMENTS = `
  SELECT FROM pg_stat_activity
  WHERE datname = current_database() AND pid <> pg_backend_pid() AND state <> 'idle' AND query LIKE '%UPDATE sealed_secrets s SET kek_id%'`;

interface Sealed {
  readonly body: string;
  readonly wrap: string;
}

/** Each secret by its name: what is sealed, and by what it is wrapped. */
async function sealedSecrets(database: TestDatabase): Promise<Map<string, Sealed>> {
  const rows = await database.query<Sealed & { name: string }>(`
    SELECT keypair_id || ' ' || purpose AS name, encode(nonce || tag || ciphertext, 'hex') || revision AS body,
      encode(wrap_nonce || wrapped_key, 'hex') || kek_id AS wrap FROM sealed_secrets`);
  return new Map(rows.map(({ name, body, wrap }) => [name, { body, wrap }]));
}

async function idsOfKeks(database: TestDatabase): Promise<{ from: string; to: string }> {
  const keks = await database.query<{ id: string; state: string }>('SELECT id, state FROM keks');
  const inState = (state: string) => keks.find((kek) => kek.state === state)?.id ?? '';
  return { from: inState('sealing'), to: inState('openable') };
}

async function shareUnder(database: TestDatabase, kekId: string): Promise<number> {
  const [row] = await database.query<{ share: number }>(
    'SELECT (count(*) FILTER (WHERE kek_id = $1))::float / count(*) AS share FROM sealed_secrets',
    [kekId],
  );
  return row?.share ?? 0;
}

test(
  'a rotation that is killed again and again, and begun again, loses nothing while clients read and write',
  async () => {
    const database = await createDatabase();
    onTestFinished(() => database.drop());
    const [old, young] = [generateKek(), generateKek()];
    const environment = {
      DATABASE_URL: database.url,
      CERTKEEP_BOOTSTRAP_TOKEN: randomBytes(24).toString('hex'),
      CERTKEEP_DATABASE_POOL_SIZE: '6',
    };
    const both = { ...environment, CERTKEEP_KEK: `${old} ${young}` };
    const kek = (...words: string[]): RunningProcess => run('src/cli/main.ts', ['kek', ...words], both);

    const server = await startServerProcess(both);
    const material = createMaterial();
    const pairs = await storePairs(server, material, PAIRS);
    const { from, to } = await idsOfKeks(database);
    const before = await sealedSecrets(database);
    expect(before.size).toBe(2 * PAIRS);
    expect(await shareUnder(database, from)).toBe(1);
    await database.query(BRAKE);

    const load = startRotationLoad(server, material, pairs);
    const shares: string[] = [];
    for (const _stop of STOPS) {
      await whileLocked(database, STOP, async ({ untilWaiting }) => {
        const rotation = kek('rotate');
        await untilWaiting({ processes: 1 });
        rotation.child.kill('SIGKILL');
        expect(await rotation.ended).toBeNull();
      });
      // What it asked for at last is done all the same.
      await until(async () => (await database.query(STATEMENTS)).length === 0);
      const reached = await shareUnder(database, to);
      expect(reached).toBeGreaterThanOrEqual(0.1);
      expect(reached).toBeLessThanOrEqual(0.9);
      shares.push(`${Math.round(reached * 100)} %`);
    }
    const refused = kek('retire', from);
    expect(await refused.ended).toBe(1);
    expect(refused.output()).toMatch(/\d+ secrets are still wrapped under KEK/);
    const last = kek('rotate');
    expect(await last.ended, last.output()).toBe(0);
    await until(() => load.wrongs.length > 0 || (load.reads >= READS && load.writes >= WRITES));
    const { reads, writes } = load;
    load.stop();
    await load.ended;
    printFigures(
      `rotation of ${2 * PAIRS} secrets of ${PAIRS} pairs, killed with ${shares.join(', ')} re-wrapped; meanwhile ` +
        `${reads} keys read and ${writes} keys changed, ${load.wrongs.length} wrong; ${load.changed.size} pairs changed`,
    );
    expect(load.wrongs).toEqual([]);

    expect(await shareUnder(database, to)).toBe(1);
    const after = await sealedSecrets(database);
    const untouched = [...before].filter(([name]) => !load.changed.has(name.split(' ')[0] ?? ''));
    expect(untouched.length).toBeGreaterThan(PAIRS / 2);
    expect(untouched.filter(([name, { body }]) => after.get(name)?.body !== body)).toEqual([]);
    expect(untouched.filter(([name, { wrap }]) => after.get(name)?.wrap === wrap)).toEqual([]);
    const retired = kek('retire', from);
    expect(await retired.ended, retired.output()).toBe(0);

    server.process.child.kill('SIGTERM');
    expect(await server.process.ended).toBe(0);
    const restarted = await startServerProcess({ ...environment, CERTKEEP_KEK: young });
    expect(await readEach(restarted, pairs)).toEqual([]);
    const body = {
      name: randomUUID(),
      certificate_data: pairs[0]?.content.certificate,
      key_data: pairs[0]?.content.key,
    };
    expect((await send(restarted, 'POST', '', body)).status).toBe(201);
  },
  isLongRun() ? 600_000 : 300_000,
);
