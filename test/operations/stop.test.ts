import { once } from 'node:events';
import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { expect, onTestFinished, test } from 'vitest';
import { generateKek } from '../../src/sealing/index.ts';
import { describedFetch } from '../support/contract/described-fetch.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { untilGenerating } from '../support/generations.ts';
import { preloading } from '../support/preload.ts';
import { ready, run } from '../support/process.ts';
import { PAIRS } from '../support/server.ts';
import { until } from '../support/until.ts';

const TOKEN = 'a-token-of-the-operator-with-32-characters';
const HEADERS = { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' };

/** Key generation that never ends by itself: whoever waits for its turn waits. */
const NO_KEY_IN_TIME = `
  import crypto from 'node:crypto';
  import { syncBuiltinESMExports } from 'node:module';
  import { promisify } from 'node:util';
  const never = (_type, _options, _done) => setTimeout(() => {}, 60_000);
  never[promisify.custom] = () => new Promise((resolve) => setTimeout(resolve, 60_000));
  crypto.generateKeyPair = never;
  syncBuiltinESMExports();`;

async function start(environment: Record<string, string> = {}, existing?: TestDatabase) {
  const database = existing ?? (await createDatabase());
  const server = run('src/main.ts', [], {
    ...{ DATABASE_URL: database.url, CERTKEEP_KEK: generateKek(), CERTKEEP_BOOTSTRAP_TOKEN: TOKEN, CERTKEEP_PORT: '0' },
    ...environment,
  });
  onTestFinished(async () => {
    server.child.kill('SIGKILL');
    await server.ended;
    await database.drop();
  });
  const address = () => /listening at (http:\/\/127\.0\.0\.1:\d+)/.exec(server.output())?.[1];
  await until(() => address() !== undefined, 60_000);
  const url = String(address());
  const status = async (path: string) => (await fetch(url + path)).status;
  return { server, url, status };
}

function generate(url: string, name: string) {
  const body = JSON.stringify({ common_name: name, validity_days: 1 });
  return describedFetch(`${url}${PAIRS}generate/`, { method: 'POST', headers: HEADERS, body });
}

test('after SIGTERM the server says that it is not ready and serves on while it drains, and a second signal ends it at once', async () => {
  const { server, url, status } = await start({ CERTKEEP_DRAIN_MS: '600000' });
  expect(await status('/-/health/ready/')).toBe(200);

  server.child.kill('SIGTERM');
  await until(async () => (await status('/-/health/ready/')) === 503);
  expect(await status('/-/health/live/')).toBe(200);
  const made = await describedFetch(url + PAIRS, { headers: HEADERS });
  expect(made.status).toBe(200);
  // Its client shall come to another server next.
  expect(made.headers.get('connection')).toBe('close');

  server.child.kill('SIGTERM');
  expect(await server.ended).toBe(1);
});

test('a server drains for no less than its time, and then ends with 0', async () => {
  const { server } = await start({ CERTKEEP_DRAIN_MS: '500' });
  const told = performance.now();
  server.child.kill('SIGTERM');
  expect(await server.ended).toBe(0);
  // Node's timers may be a millisecond early.
  expect(performance.now() - told).toBeGreaterThan(498);
});

test('a person who presses Ctrl-C waits for nothing that drains', async () => {
  const { server } = await start({ CERTKEEP_DRAIN_MS: '600000' });
  server.child.kill('SIGINT');
  expect(await server.ended).toBe(0);
});

test('generations that wait for their turn are sent away with 503 when the server ends', async () => {
  const { server, url } = await start({
    ...preloading(NO_KEY_IN_TIME),
    ...{ UV_THREADPOOL_SIZE: '3', CERTKEEP_METRICS_PORT: '0' },
  });
  const answers: Response[] = [];
  // Whichever comes first runs.
  const sent = ['a', 'b', 'c', 'd'].map(async (name) => answers.push(await generate(url, name)));
  const settled = Promise.allSettled(sent);
  await untilGenerating(server, 3);

  server.child.kill('SIGTERM');
  await until(() => answers.length === 3);
  expect(answers.map((answer) => answer.status)).toEqual([503, 503, 503]);
  expect(answers.every((answer) => Number(answer.headers.get('retry-after')) > 0)).toBe(true);
  const bodies = await Promise.all(answers.map((answer) => answer.json()));
  expect(bodies).toEqual(answers.map(() => ({ detail: 'The server is ending. Try again later.' })));
  server.child.kill('SIGTERM');
  expect((await settled).filter(({ status }) => status === 'rejected')).toHaveLength(1);
});

test('a signal during the start lets go of all that others would wait for', async () => {
  const database = await createDatabase();
  const blocking = new Client({ connectionString: database.url });
  await blocking.connect();
  // The start puts the first token in place, after it has told the others of its key.
  await blocking.query('BEGIN; LOCK TABLE principals IN EXCLUSIVE MODE');
  const server = run('src/main.ts', [], {
    ...{ DATABASE_URL: database.url, CERTKEEP_KEK: generateKek(), CERTKEEP_BOOTSTRAP_TOKEN: TOKEN, CERTKEEP_PORT: '0' },
    CERTKEEP_DATABASE_TIMEOUT_MS: '60000',
  });
  onTestFinished(async () => {
    server.child.kill('SIGKILL');
    await server.ended;
    await database.drop();
  });
  const holders = async () => (await database.query('SELECT instance_id FROM kek_holders')).length;
  await until(async () => (await holders()) === 1, 60_000);
  server.child.kill('SIGTERM');
  await blocking.end();

  expect(await server.ended).toBe(0);
  expect(await holders()).toBe(0);
});

test('SIGHUP reads the log level again; one that can not be used is told of, and the one before stays', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'certkeep-level-'));
  onTestFinished(() => rm(directory, { recursive: true }));
  const file = join(directory, 'level');
  await writeFile(file, 'info\n');
  const { server, url } = await start({ CERTKEEP_LOG_LEVEL_FILE: file });
  const completed = () => server.output().split('"request completed"').length - 1;
  const ask = () => fetch(url + PAIRS, { headers: HEADERS });

  await ask();
  await until(() => completed() === 1);
  await writeFile(file, 'loud\n');
  server.child.kill('SIGHUP');
  await until(() => server.output().includes('stays as it is'));
  await ask();
  await until(() => completed() === 2);

  await writeFile(file, 'warn\n');
  server.child.kill('SIGHUP');
  await until(() => server.output().includes('was read again'));
  await ask();
  await writeFile(file, 'info\n');
  server.child.kill('SIGHUP');
  await until(() => server.output().split('was read again').length > 2);
  expect(completed()).toBe(2);
});

test('SIGHUP during the start ends nothing', async () => {
  const silent = createServer();
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  const { port } = silent.address() as AddressInfo;
  const server = run('src/main.ts', [], {
    DATABASE_URL: `postgresql://nobody@127.0.0.1:${port}/silent`,
    CERTKEEP_KEK: generateKek(),
  });
  onTestFinished(async () => {
    server.child.kill('SIGKILL');
    await server.ended;
    silent.close();
  });
  let hasEnded = false;
  server.ended.then(() => {
    hasEnded = true;
  });
  // It waits for its database by then.
  await once(silent, 'connection');
  server.child.kill('SIGHUP');
  await until(() => hasEnded || server.output().includes('was read again'));
  expect(hasEnded).toBe(false);
});

/** What pg_controldata calls "shut down": the first words of pg_control are an identifier and two versions, then comes the state. */
const SHUT_DOWN = 1;

async function stateOfCluster(directory: string): Promise<number | undefined> {
  const files = await readdir(directory, { recursive: true });
  const control = files.find((file) => file.endsWith('global/pg_control'));
  return control === undefined ? undefined : (await readFile(join(directory, control))).readUInt32LE(16);
}

test.each(['SIGTERM', 'SIGINT'] as const)(
  '%s shuts the embedded PostgreSQL down before the server ends',
  async (signal) => {
    const directory = await mkdtemp(join(tmpdir(), 'certkeep-stop-'));
    await chmod(directory, 0o755);
    const server = run('src/main.ts', [], { CERTKEEP_DATA_DIR: directory, CERTKEEP_PORT: '0' });
    onTestFinished(async () => {
      server.child.kill('SIGKILL');
      await server.ended;
      await rm(directory, { recursive: true });
    });
    await ready(server);
    expect(await stateOfCluster(directory)).not.toBe(SHUT_DOWN);

    server.child.kill(signal);
    expect(await server.ended).toBe(0);
    expect(await stateOfCluster(directory)).toBe(SHUT_DOWN);
  },
);
