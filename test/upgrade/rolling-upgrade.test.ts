import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { deriveAuditKeys } from '../../src/audit/index.ts';
import { parseKek } from '../../src/sealing/index.ts';
import { openTestDatabase, verified } from '../support/audit.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { present } from '../support/present.ts';
import { run } from '../support/process.ts';
import { cluster, environmentOf, type Replica, startLoad, startReplica, stopReplicas } from '../support/replicas.ts';
import { until } from '../support/until.ts';
import { type Ask, livesIn, type Server } from './support/lives.ts';
import { type BuiltTree, buildPreviousVersion, hasHistory, previousMigrations } from './support/previous-version.ts';

/** As many lives must have passed between each two versions, in each API, after each step. */
const ENOUGH = 2;
const TIME_MS = 480_000;

let previous: BuiltTree;
beforeAll(() => {
  if (hasHistory) {
    previous = buildPreviousVersion();
  }
}, 300_000);
afterAll(() => previous?.remove());

/** A database that nobody has migrated yet. */
async function emptyDatabase(): Promise<TestDatabase> {
  const database = await createDatabase();
  onTestFinished(() => database.drop());
  await database.query('DROP SCHEMA public CASCADE; CREATE SCHEMA public');
  return database;
}

const migrationsOf = async (database: TestDatabase) =>
  (await database.query<{ name: string }>('SELECT migration_name AS name FROM _prisma_migrations ORDER BY 1')).map(
    ({ name }) => name,
  );

type Running = Replica & Server;

/** Lives of certificates in all APIs, each with a writer and a reader of those that live, by turns. */
function startLives(account: string, live: () => readonly Running[]) {
  const wrongs: string[] = [];
  const passed = new Map<string, number>();
  const inHand = new Map<Server, number>();
  let requests = 0;
  const ask: Ask = async (server, method, path, status, body) => {
    requests++;
    const answer = await fetch(server.url + path, {
      method,
      headers: {
        authorization: `Bearer ${server.token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    if (answer.status !== status) {
      throw new Error(`${method} ${path} of a ${server.version} server: ${answer.status} ${text.slice(0, 200)}`);
    }
    return text === '' ? {} : (JSON.parse(text) as Awaited<ReturnType<Ask>>);
  };
  const lives = Object.entries(livesIn(account));
  const load = startLoad(
    async (nth) => {
      const among = live();
      const [dialect, life] = present(lives[nth % lives.length]);
      const turn = Math.floor(nth / lives.length);
      const writer = present(among[turn % among.length]);
      const reader = present(among[(turn + Math.floor(turn / among.length)) % among.length]);
      const both = [writer, reader];
      for (const server of both) {
        inHand.set(server, (inHand.get(server) ?? 0) + 1);
      }
      try {
        await life(ask, writer, reader);
        const way = `${dialect} ${writer.version} to ${reader.version}`;
        passed.set(way, (passed.get(way) ?? 0) + 1);
      } catch (error) {
        wrongs.push(`${dialect}, written by the ${writer.version}, read by the ${reader.version}: ${error}`);
      }
      for (const server of both) {
        inHand.set(server, (inHand.get(server) ?? 0) - 1);
      }
    },
    { clients: 3, most: 100_000, forMs: TIME_MS },
  );
  return {
    wrongs,
    passed,
    requests: () => requests,
    stop: () => load.stop(),
    /** Waits until more lives have passed in each API each of these ways. */
    async more(...ways: readonly string[]) {
      const wanted = ways.flatMap((way) => lives.map(([dialect]) => `${dialect} ${way}`));
      const before = new Map(passed);
      await until(
        () => wrongs.length > 0 || wanted.every((way) => (passed.get(way) ?? 0) >= (before.get(way) ?? 0) + ENOUGH),
        120_000,
      );
      expect(wrongs).toEqual([]);
    },
    /** Waits until nobody has a request of its own with a server any more, as a balancer that lets it go. */
    leave: (server: Server) => until(() => inHand.get(server) === 0),
  };
}

test.runIf(hasHistory)(
  'servers of the previous version serve on while a new one migrates, and beside it, until they are replaced',
  async () => {
    const database = await emptyDatabase();
    const shared = cluster(database);
    const started: Running[] = [];
    onTestFinished(() => stopReplicas(started));
    const start = async (version: Running['version'], name: string): Promise<Running> => {
      const tree = version === 'old' ? previous.directory : undefined;
      const running = { ...(await startReplica(shared, name, tree)), version };
      started.push(running);
      return running;
    };
    const making = run(
      'src/cli/main.ts',
      ['account', 'create', '--name', 'upgraded'],
      environmentOf(shared, 'command'),
      previous.directory,
    );
    expect(await making.ended, making.output()).toBe(0);
    expect(await migrationsOf(database)).toEqual(previousMigrations());

    const old = [await start('old', 'old-1'), await start('old', 'old-2')] as const;
    let live: readonly Running[] = old;
    const lives = startLives(making.output().trim(), () => live);
    await lives.more('old to old');

    const fresh = [await start('new', 'new-1')];
    const migrated = await migrationsOf(database);
    const [at] = await database.query<{ now: Date }>('SELECT clock_timestamp() AS now');
    live = [...old, ...fresh];
    await lives.more('old to old', 'old to new', 'new to old', 'new to new');

    live = [old[1], ...fresh];
    await lives.leave(old[0]);
    expect(await old[0].stop()).toBe(0);
    const again = await start('old', 'old-1');
    expect(again.process.output()).toContain('a newer version of Certkeep has migrated this database further');
    live = [...fresh, again];
    await lives.leave(old[1]);
    expect(await old[1].stop()).toBe(0);
    await lives.more('old to new', 'new to old');

    live = fresh;
    await lives.leave(again);
    expect(await again.stop()).toBe(0);
    fresh.push(await start('new', 'new-2'));
    await lives.more('new to new');
    await lives.stop();

    const own = openTestDatabase(database.url);
    const { findings, sealedEvents } = await verified(own, deriveAuditKeys([parseKek(shared.kek)]));
    await own.close();
    const [counts] = await database.query<{ pairs: number; unwatched: number; later: number }>(
      `SELECT count(*)::int AS pairs, count(*) FILTER (WHERE created_at > $1)::int AS later,
         count(*) FILTER (WHERE w.fingerprint_sha256 IS DISTINCT FROM k.fingerprint_sha256)::int AS unwatched
       FROM keypairs k LEFT JOIN expiry_watches w ON w.keypair_id = k.id`,
      [present(at).now],
    );
    const ways = [...lives.passed].map(([way, count]) => `${way} ${count}`).sort();
    process.stdout.write(
      `[upgrade] ${migrated.length - previousMigrations().length} migrations under load, ${lives.requests()} requests, ` +
        `${lives.wrongs.length} failed; lives written by one and read by another: ${ways.join(', ')}; ${sealedEvents} events sealed\n`,
    );
    expect(migrated.length).toBeGreaterThan(previousMigrations().length);
    expect(lives.wrongs).toEqual([]);
    expect(findings).toEqual([]);
    expect(present(counts).unwatched).toBe(0);
    expect(present(counts).later).toBeGreaterThan(0);
  },
  TIME_MS,
);
