import { hostname } from 'node:os';
import { expect, onTestFinished, test } from 'vitest';
import { generateKek } from '../../../src/sealing/index.ts';
import { createDatabase, type TestDatabase } from '../../support/database.ts';
import { whileLocked } from '../../support/held-lock.ts';
import { registerSecret } from '../../support/leaks/secrets.ts';
import { present } from '../../support/present.ts';
import { type RunningProcess, run } from '../../support/process.ts';
import {
  cluster,
  environmentOf,
  type Replica,
  startLoad,
  startReplica,
  startReplicas,
  stopReplicas,
} from '../../support/replicas.ts';
import { until } from '../../support/until.ts';
import { send } from '../support/client.ts';
import { printFigures } from '../support/figures.ts';
import { createMaterial } from '../support/material.ts';
import { readEach, type StoredPair, storePairs } from '../support/rotation-load.ts';

/** More secrets than two commands take at a time. */
const PAIRS = 250;
const WRITTEN = 30;

/** What a command waits for in the middle of what it wraps anew in one statement, so that kills meet it there. */
const MIDDLE = { advisory: 4711 };

/** Writes down which command wrapped which secret anew, and has each wait where it has done a few. */
const WATCH = `
  CREATE TABLE rewraps (keypair_id uuid, purpose text, nonce bytea, command text DEFAULT current_setting('application_name'));
  CREATE FUNCTION note_rewrap() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO rewraps (keypair_id, purpose, nonce) VALUES (NEW.keypair_id, NEW.purpose::text, NEW.nonce);
    IF (SELECT count(*) FROM rewraps WHERE command = current_setting('application_name')) = 30 THEN
      PERFORM pg_advisory_xact_lock_shared(${MIDDLE.advisory});
    END IF;
    RETURN NEW;
  END $$;
  CREATE TRIGGER note_rewrap BEFORE UPDATE ON sealed_secrets FOR EACH ROW
    WHEN (OLD.ciphertext = NEW.ciphertext AND OLD.wrapped_key <> NEW.wrapped_key) EXECUTE FUNCTION note_rewrap()`;

async function keksOf(database: TestDatabase): Promise<{ from: string; to: string }> {
  const rows = await database.query<{ id: string; state: string }>('SELECT id, state FROM keks');
  const inState = (state: string) => present(rows.find((row) => row.state === state)).id;
  return { from: inState('sealing'), to: inState('openable') };
}

async function shareUnder(database: TestDatabase, kekId: string): Promise<number> {
  const rows = await database.query<{ share: number }>(
    'SELECT (count(*) FILTER (WHERE kek_id = $1))::float / count(*) AS share FROM sealed_secrets',
    [kekId],
  );
  return present(rows[0]).share;
}

/** Whether PostgreSQL still works on what a command began, which may be dead itself. */
async function areCommandsOver(database: TestDatabase): Promise<boolean> {
  const connections = await database.query(
    "SELECT FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'rotation-%'",
  );
  return connections.length === 0;
}

/** Reads keys of all pairs, and puts new ones into some, on whichever replicas live. */
function startReadingAndWriting(live: () => readonly Replica[], pairs: readonly StoredPair[]) {
  const material = createMaterial();
  const counts = { reads: 0, writes: 0, unanswered: 0, wrongs: [] as string[] };
  const read = async (replica: Replica, pair: StoredPair) => {
    const { status, text } = await send(replica, 'GET', `${pair.pk}/view_private_key/`);
    counts.reads++;
    if (status !== 200 || (JSON.parse(text) as { data: string }).data !== pair.content.key) {
      counts.wrongs.push(`read of ${pair.name}: ${status}`);
    }
  };
  const write = async (replica: Replica, pair: StoredPair) => {
    const { certificate, key } = material.next({ withKey: true });
    const body = { name: pair.name, certificate_data: certificate, key_data: key };
    const { status } = await send(replica, 'PUT', `${pair.pk}/`, body);
    counts.writes++;
    if (status === 200) {
      pair.content = { certificate, key };
    } else {
      counts.wrongs.push(`change of ${pair.name}: ${status}`);
    }
  };
  const [written, onlyRead] = [pairs.slice(0, WRITTEN), pairs.slice(WRITTEN)];
  const busy = new Set<StoredPair>();
  const load = startLoad(
    async (nth) => {
      const replica = present(live()[nth % live().length]);
      const pair = present(nth % 3 > 0 ? onlyRead[nth % onlyRead.length] : written[nth % WRITTEN]);
      // Of two changes at once nobody could say which one is to be there.
      if (busy.has(pair)) {
        return;
      }
      busy.add(pair);
      const act = nth % 3 > 0 ? read : write;
      await act(replica, pair).then(
        () => busy.delete(pair),
        () => {
          // What became of the change is not known: the pair is left alone from then on.
          counts.unanswered++;
        },
      );
    },
    { clients: 8, most: 100_000, forMs: 180_000 },
  );
  return { counts, load, unknown: busy };
}

test('a KEK is rotated once by commands that race while three replicas serve, though a replica and the commands are killed', async () => {
  const database = await createDatabase();
  onTestFinished(() => database.drop());
  const [old, young] = [generateKek(), generateKek()];
  [old, young].forEach((kek) => {
    registerSecret('kek', kek);
  });
  const shared = { ...cluster(database), kek: `${old} ${young}` };
  const first = await startReplica({ ...shared, kek: old }, 'replica-0');
  await first.stop();
  const replicas = await startReplicas(shared, 3);
  onTestFinished(() => stopReplicas(replicas));
  const pairs = await storePairs(present(replicas[0]), createMaterial(), PAIRS);
  await database.query(WATCH);
  const { from, to } = await keksOf(database);
  const rotate = (name: string): RunningProcess =>
    run('src/cli/main.ts', ['kek', 'rotate'], environmentOf(shared, name));

  let live: readonly Replica[] = replicas;
  const victim = present(replicas[2]);
  const { counts, load, unknown } = await whileLocked(database, MIDDLE, async ({ untilWaiting: untilInTheMiddle }) => {
    // One has made the new KEK the sealing one and waits to tell of it; the other waits for its turn to do the same.
    const commands = await whileLocked(database, { tableOfFirst: 'events' }, async ({ untilWaiting }) => {
      const racing = [rotate('rotation-1'), rotate('rotation-2')];
      await untilWaiting({ processes: 2 });
      return racing;
    });
    const started = startReadingAndWriting(() => live, pairs);
    await untilInTheMiddle({ processes: 2 });
    live = replicas.slice(0, 2);
    for (const { child } of [victim.process, ...commands]) {
      child.kill('SIGKILL');
    }
    await Promise.all([victim.process, ...commands].map(({ ended }) => ended));
    return started;
  });
  // A server that is gone is waited for half a minute, which goes by at once.
  await database.query("UPDATE kek_holders SET seen_at = seen_at - interval '1 minute' WHERE instance_name = $1", [
    `${hostname()}:${victim.process.child.pid}`,
  ]);
  await until(() => areCommandsOver(database));
  const reached = await shareUnder(database, to);
  const last = rotate('rotation-3');
  expect(await last.ended, last.output()).toBe(0);
  await until(() => counts.wrongs.length > 0 || (counts.reads > 100 && counts.writes > 50));
  await load.stop();

  const rewraps = await database.query<{ command: string; secrets: number; again: number }>(
    `SELECT command, count(*)::int AS secrets, (count(*) - count(DISTINCT (keypair_id, purpose, nonce)))::int AS again
     FROM rewraps GROUP BY ROLLUP (command) ORDER BY 1`,
  );
  const events = await database.query<{ kind: string }>(
    "SELECT context::jsonb->>'kind' AS kind FROM events WHERE action = 'secret_rotate' ORDER BY created_at",
  );
  const kinds = events.map(({ kind }) => kind);
  printFigures(
    `KEK rotation beside 3 replicas: two commands began it at once for certain, losers: ${kinds.filter((kind) => kind === 'resumed').length - 1}; ` +
      `a replica and both killed with ${Math.round(100 * reached)} % re-wrapped, once more begun; re-wrapped by each: ` +
      `${rewraps.flatMap(({ command, secrets }) => (command === null ? [] : [`${command} ${secrets}`])).join(', ')}; meanwhile ` +
      `${counts.reads} keys read, ${counts.writes} changed, ${counts.unanswered} unanswered, ${counts.wrongs.length} wrong`,
  );
  expect(kinds).toEqual(['switched', 'resumed', 'resumed']);
  expect(reached).toBeLessThan(1);
  expect(rewraps.at(-1)?.again).toBe(0);
  expect(await shareUnder(database, to)).toBe(1);
  expect(counts.wrongs).toEqual([]);
  const known = pairs.filter((pair) => !unknown.has(pair));
  expect(await readEach(present(replicas[0]), known)).toEqual([]);
  const retired = run('src/cli/main.ts', ['kek', 'retire', from], environmentOf(shared, 'retiring'));
  expect(await retired.ended, retired.output()).toBe(0);
}, 180_000);
