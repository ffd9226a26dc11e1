import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { generateToken } from '../../src/access/index.ts';
import { startEmbeddedPostgres } from '../../src/database/index.ts';
import { generateKek } from '../../src/sealing/index.ts';
import { getJson, makePair, PAIRS, type Page, postJson } from '../client.ts';
import { type Extent, load, type Wanted } from '../load/load.ts';
import { type Server, startServer } from '../servers.ts';
import { startPgBouncer } from './pgbouncer.ts';
import { connections, grow, query, sizes } from './store.ts';

/** What one PostgreSQL carries (docs/operations/scale.md): `npx tsx bench/scale/main.ts [pairs…]`, after `npm run build`. */

const CONNECTIONS = 12;
const SECONDS: Extent = { seconds: 2 };
const CREATES = 400;
/** Of one client: few, for the slowest takes a second. */
const ANSWERS = 30;

const wanted = process.argv.slice(2).map(Number);
const counts = wanted.length > 0 ? wanted : [10_000, 100_000];
const silent = { debug() {}, info() {}, warn() {}, error() {} };
const say = (line: string) => process.stdout.write(`${line}\n`);
const inMs = (duration: number) => `${duration.toFixed(duration < 10 ? 1 : 0)} ms`;

const begin = performance.now();
const folder = await mkdtemp(join(tmpdir(), 'certkeep-bench-scale-'));
const endings: (() => Promise<unknown>)[] = [() => rm(folder, { recursive: true, force: true })];
try {
  const token = generateToken();
  const postgres = await startEmbeddedPostgres({ dataDirectory: join(folder, 'data'), log: silent });
  endings.push(() => postgres.stop());
  const environment = (name: string) => {
    const url = new URL(postgres.url);
    url.searchParams.set('application_name', name);
    return { DATABASE_URL: url.toString(), CERTKEEP_KEK: kek, CERTKEEP_LOG_LEVEL: 'warn' };
  };
  const kek = generateKek();
  const start = async (settings: Record<string, string>): Promise<Server> => {
    const server = await startServer({ ...settings, CERTKEEP_LOG_LEVEL: 'info' }, token);
    endings.push(() => server.stop());
    return server;
  };
  const replicas = [await start(environment('replica-1'))];
  const [first] = replicas as [Server];
  const pair = await makePair(first);
  const { pk } = await postJson<{ pk: string }>(first, PAIRS, pair);
  let created = 0;
  const creating: Wanted = {
    method: 'POST',
    path: PAIRS,
    body: () => JSON.stringify({ ...pair, name: `created ${created++}` }),
  };
  const get = (path: string): Wanted => ({ method: 'GET', path: PAIRS + path });

  /** The same from all of these at once, with as many clients in all whatever their number; answers in a second in all, and the median wait. */
  async function together(servers: readonly Server[], what: Wanted, extent: Extent) {
    const each = CONNECTIONS / servers.length;
    const share = 'amount' in extent ? { amount: Math.round(extent.amount / servers.length) } : extent;
    const loads = await Promise.all(servers.map((server) => load(server, what, { connections: each, extent: share })));
    const sum = loads.reduce((total, { throughput }) => total + throughput, 0);
    return `${Math.round(sum)}/s, p50 ${inMs(Math.max(...loads.map(({ p50 }) => p50)))}, p99 ${inMs(Math.max(...loads.map(({ p99 }) => p99)))}`;
  }

  let held = 1;
  for (const count of counts) {
    const before = performance.now();
    await grow(postgres.url, held, count);
    held = count;
    const seconds = ((performance.now() - before) / 1000).toFixed(1);
    const tables = await sizes(postgres.url);
    const [database] = await query<{ octets: number }>(
      postgres.url,
      'SELECT pg_database_size(current_database())::float8 AS octets',
    );
    const { pagination } = await getJson<Page>(first, PAIRS);
    say(`\n${pagination.count} pairs (made in ${seconds} s): ${((database?.octets ?? 0) / 1e6).toFixed(0)} MB`);
    say(
      tables
        .map(
          ({ name, octets }) =>
            `  ${name} ${(octets / 1e6).toFixed(0)} MB, ${Math.round(octets / count)} octets a pair`,
        )
        .join('\n'),
    );
    const middle = `seeded ${String(Math.floor(count / 2)).padStart(7, '0')}`;
    for (const [name, path] of [
      ['first page', ''],
      ['last page', '?page=last'],
      ['by name', `?name=${encodeURIComponent(middle)}`],
      ['search', `?search=${middle.slice(-6)}`],
      ['retrieve', `${pk}/`],
      ['view key', `${pk}/view_private_key/`],
    ] as const) {
      const { p50, p99 } = await load(first, get(path), { connections: 1, extent: { amount: ANSWERS } });
      say(`  one client, ${name}: p50 ${inMs(p50)}, p99 ${inMs(p99)}`);
    }
  }

  for (let count = 1; count <= 3; count++) {
    if (count > 1) {
      replicas.push(await start(environment(`replica-${count}`)));
    }
    say(`\n${count} replicas, ${CONNECTIONS} clients`);
    for (const [name, what, extent] of [
      ['retrieve', get(`${pk}/`), SECONDS],
      ['first page', get(''), SECONDS],
      ['create', creating, { amount: CREATES }],
    ] as const) {
      say(`  ${name}: ${await together(replicas, what, extent)}`);
    }
    say(
      `  connections: ${(await connections(postgres.url)).map(({ name, count: open }) => `${name} ${open}`).join(', ')}`,
    );
  }

  const pooler = await startPgBouncer(postgres.url, 10);
  if (pooler !== undefined) {
    endings.push(() => pooler.stop());
    const pooled: Server[] = [];
    for (let count = 0; count < 3; count++) {
      pooled.push(
        await start({
          ...environment(''),
          DATABASE_URL: pooler.url,
          CERTKEEP_MIGRATION_DATABASE_URL: postgres.url,
          CERTKEEP_PREPARED_STATEMENTS: 'false',
        }),
      );
    }
    for (const server of replicas) {
      await server.stop();
    }
    endings.splice(2, endings.length, () => pooler.stop(), ...pooled.map((server) => () => server.stop()));
    say('\n3 replicas behind PgBouncer (transaction mode, 10 connections), 12 clients');
    say(`  retrieve: ${await together(pooled, get(`${pk}/`), SECONDS)}`);
    say(`  first page: ${await together(pooled, get(''), SECONDS)}`);
    say(`  create: ${await together(pooled, creating, { amount: CREATES })}`);
    say(`  connections to PostgreSQL: ${(await connections(postgres.url)).reduce((sum, { count }) => sum + count, 0)}`);
  }
  const [version] = await query<{ server_version: string }>(postgres.url, 'SHOW server_version');
  say(
    `\n${new Date().toISOString()}, node ${process.version}, PostgreSQL ${version?.server_version}, ${availableParallelism()} processors (${cpus()[0]?.model}), ${Math.round((performance.now() - begin) / 1000)} s`,
  );
} finally {
  for (const end of endings.toReversed()) {
    await end();
  }
}
