import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generateToken } from '../src/access/index.ts';
import { startEmbeddedPostgres } from '../src/database/index.ts';
import { generateKek } from '../src/sealing/index.ts';
import { type Compared, compare, median } from './compare.ts';
import { type Load, load, type Target, type Wanted } from './load/load.ts';
import { seed } from './seed.ts';
import { type Server, startBaseline, startServer } from './servers.ts';

/** Measures the server beside bare Fastify routes on the same database, in one run; prints a table and writes bench/results.json. */

const ROUNDS = Number(process.env['CERTKEEP_BENCH_ROUNDS'] ?? 5);
const PAIRS = '/api/v3/crypto/certificatekeypairs/';
const folder = await mkdtemp(join(tmpdir(), 'certkeep-bench-'));
const [token, kek] = [generateToken(), generateKek()];
const results: Record<string, readonly Compared[] | Record<string, number>> = {};

const log = { debug() {}, info() {}, warn() {}, error() {} };
const postgres = await startEmbeddedPostgres({ dataDirectory: join(folder, 'external'), log });
const external = { DATABASE_URL: postgres.url, CERTKEEP_KEK: kek };
const server = await startServer(external, token);
try {
  await post(server, PAIRS, await template(server));
  const baseline = await startBaseline(postgres.url, token);
  await seed(postgres.url, 10_000);

  const get = (target: Target, path: string) => (): Promise<Load> => load(target, { method: 'GET', path });
  const { results: first } = await getJson(server, `${PAIRS}?page_size=1`);
  const id = (first as [{ pk: string }])[0].pk;
  await record('list 20 of 10,000', [
    { name: 'raw pg, with count(*)', run: get(baseline, '/list') },
    { name: 'raw pg, without', run: get(baseline, '/list-without-count') },
    { name: 'Certkeep', run: get(server, PAIRS) },
    { name: 'a bare route', run: get(baseline, '/bare') },
  ]);
  await record('retrieve', [
    { name: 'raw pg', run: get(baseline, `/pairs/${id}`) },
    { name: 'Certkeep', run: get(server, `${PAIRS}${id}/`) },
  ]);
  const pair = await template(server);
  const create = (target: Target, path: string, body: (name: string) => object): (() => Promise<Load>) => {
    const wanted: Wanted = { method: 'POST', path, body: (n) => JSON.stringify(body(`${path} ${process.pid} ${n}`)) };
    return () => load(target, wanted, { seconds: 1 });
  };
  await record('create with a key', [
    { name: 'raw insert', run: create(baseline, '/pairs', (name) => ({ name })) },
    { name: 'Certkeep', run: create(server, PAIRS, (name) => ({ ...pair, name })) },
  ]);
  await recordReadsBesideGeneration(server, id);
  for (const total of [10_000, 100_000]) {
    await seed(postgres.url, total + 20_000);
    await record(`list among ${total + 20_000}`, [
      { name: 'first page', run: get(server, PAIRS) },
      { name: 'last page', run: get(server, `${PAIRS}?page=last`) },
      { name: 'search', run: get(server, `${PAIRS}?search=seeded+0000`) },
    ]);
  }
  note('memory', { 'node after all of this, MB': await server.memory() });
  await baseline.stop();
  await server.stop();
  await recordStarts();
} finally {
  await postgres.stop();
  await rm(folder, { recursive: true, force: true });
}
await writeFile(new URL('results.json', import.meta.url), `${JSON.stringify(results, undefined, 2)}\n`);

async function record(what: string, contestants: Parameters<typeof compare>[0]): Promise<void> {
  const compared = await compare(contestants, ROUNDS);
  results[what] = compared;
  process.stdout.write(`\n${what}\n`);
  for (const { name, throughput, p99, ratio } of compared) {
    process.stdout.write(
      `  ${name.padEnd(24)}${throughput.toFixed(0).padStart(8)} /s   p99 ${p99.toFixed(0).padStart(4)} ms   ${ratio.toFixed(2)}\n`,
    );
  }
}

function note(what: string, figures: Record<string, number>): void {
  results[what] = figures;
  process.stdout.write(`\n${what}\n`);
  for (const [name, figure] of Object.entries(figures)) {
    process.stdout.write(`  ${name.padEnd(40)}${figure.toFixed(2)}\n`);
  }
}

/** Reads at a tenth of the load, so that what is measured is the wait and not the queue. */
async function recordReadsBesideGeneration(target: Server, id: string): Promise<void> {
  const reads = () => load(target, { method: 'GET', path: `${PAIRS}${id}/` }, { connections: 2, seconds: 3 });
  const idle = median([(await reads()).p99, (await reads()).p99, (await reads()).p99]);
  let made = 0;
  const generate = (n: number) =>
    post(target, `${PAIRS}generate/`, { common_name: `slow ${n} ${process.pid}`, validity_days: 1, alg: 'rsa' });
  let isOver = false;
  const generating = Array.from({ length: 4 }, async () => {
    while (!isOver) {
      await generate(made++);
    }
  });
  const busy = median([(await reads()).p99, (await reads()).p99, (await reads()).p99]);
  isOver = true;
  await Promise.all(generating);
  note('p99 of reads', {
    'idle, ms': idle,
    'while four RSA-4096 are made, ms': busy,
    ratio: busy / idle,
    'keys made': made,
  });
}

async function recordStarts(): Promise<void> {
  const ready = async (environment: Readonly<Record<string, string>>) => {
    const started = await startServer(environment, token);
    await started.stop();
    return started.readyAfter / 1000;
  };
  const embedded = { CERTKEEP_DATA_DIR: join(folder, 'embedded') };
  const cold = await ready(embedded);
  const warm = median([await ready(embedded), await ready(embedded), await ready(embedded)]);
  const outside = median([await ready(external), await ready(external), await ready(external)]);
  note('time to ready, seconds', { 'cold, with an embedded database': cold, warm, 'with a database outside': outside });
}

/** A pair as the server makes one, for bodies that it takes. */
async function template(target: Target): Promise<{ name: string; certificate_data: string; key_data: string }> {
  const name = `made ${Math.random()}`;
  const made = await post(target, `${PAIRS}generate/`, { common_name: name, validity_days: 30, alg: 'ecdsa' });
  const text = async (what: string) => (await getJson(target, `${PAIRS}${made['pk']}/view_${what}/`))['data'] as string;
  return { name: 'template', certificate_data: await text('certificate'), key_data: await text('private_key') };
}

async function getJson(target: Target, path: string): Promise<Record<string, unknown>> {
  return answerOf(await fetch(target.url + path, { headers: { authorization: `Bearer ${target.token}` } }));
}

async function post(target: Target, path: string, body: object): Promise<Record<string, unknown>> {
  const headers = { authorization: `Bearer ${target.token}`, 'content-type': 'application/json' };
  return answerOf(await fetch(target.url + path, { method: 'POST', headers, body: JSON.stringify(body) }));
}

async function answerOf(response: Response): Promise<Record<string, unknown>> {
  if (!response.ok) {
    throw new Error(`${response.url} was answered ${response.status}: ${await response.text()}`);
  }
  return (await response.json()) as Record<string, unknown>;
}
