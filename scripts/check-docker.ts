import { strict as assert } from 'node:assert';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { generateToken } from '../src/access/index.ts';
import { generateKek } from '../src/sealing/index.ts';
import { build } from './docker/build.ts';
import { type ContainerOptions, runInContainer, startContainer } from './docker/container.ts';
import { type ImageConfig, imageConfig, parseDockerfile } from './docker/dockerfile.ts';
import { listFiles, needlessPackages } from './docker/image-files.ts';
import { startThrowawayDatabase, type ThrowawayDatabase } from './docker/throwaway-database.ts';
import { freePort } from './support/free-port.ts';

/**
 * Runs the steps of the Dockerfile without Docker, and what comes of them as the image's user would, against a PostgreSQL: is it
 * healthy, does it serve, does it end? Needs a package registry, as the building of the image does.
 */

const root = fileURLToPath(new URL('..', import.meta.url));
const PAIRS = '/api/v3/crypto/certificatekeypairs/';
const LIMIT_MS = 60_000;
const print = (text: string) => process.stdout.write(`${text}\n`);
const seconds = (since: number) => `${((performance.now() - since) / 1000).toFixed(1)} s`;

const directory = await mkdtemp(join(tmpdir(), 'certkeep-docker-'));
// Where we are root, another user runs what is built here.
await chmod(directory, 0o755);
try {
  const image = await buildImage();
  const config = imageConfig(parseDockerfile(await readFile(join(root, 'Dockerfile'), 'utf8')).at(-1));
  const files = await listFiles(image);
  await askForDatabase(image, config);
  const database = await startThrowawayDatabase(join(directory, 'database'));
  try {
    await serve(image, config, database);
  } finally {
    await database.stop();
  }
  assert.deepEqual(await listFiles(image), files, 'the image changed while it ran');
  print('\nThe image works.');
} finally {
  await rm(directory, { recursive: true, force: true });
}

async function buildImage(): Promise<string> {
  const stages = join(directory, 'stages');
  await mkdir(stages);
  let steps = 0;
  print(`Node ${process.versions.node} stands for the one of the base image.`);
  const image = await build({
    dockerfile: await readFile(join(root, 'Dockerfile'), 'utf8'),
    dockerignore: await readFile(join(root, '.dockerignore'), 'utf8'),
    context: root,
    directory: stages,
    report(step, milliseconds) {
      steps++;
      print(`${(milliseconds / 1000).toFixed(1).padStart(6)} s  ${step}`);
    },
  });
  const needless = await needlessPackages(join(image, 'app/node_modules'), join(root, 'package-lock.json'));
  assert.deepEqual(needless, [], 'the image holds packages that it does not need');
  const sizes = [...(await listFiles(image)).values()].map(({ size }) => size);
  const megabytes = sizes.reduce((sum, size) => sum + size, 0) / 1e6;
  print(`${steps} steps run; beside its base the image holds ${sizes.length} files, ${megabytes.toFixed(1)} MB`);
  return image;
}

async function askForDatabase(image: string, config: ImageConfig): Promise<void> {
  const { exitCode, output } = await runInContainer({ image, config, environment: {} }, config.command);
  assert.equal(exitCode, 1, output);
  assert.match(output, /Set DATABASE_URL/, 'it does not say what it lacks');
  print('asks for DATABASE_URL where it is given none');
}

async function serve(image: string, config: ImageConfig, database: ThrowawayDatabase): Promise<void> {
  const port = String(await freePort());
  const token = generateToken();
  const options: ContainerOptions = {
    image,
    config,
    environment: {
      CERTKEEP_HOST: '127.0.0.1',
      CERTKEEP_PORT: port,
      DATABASE_URL_FILE: await secretFile('database_url', database.url),
      CERTKEEP_KEK_FILE: await secretFile('kek', generateKek()),
      CERTKEEP_BOOTSTRAP_TOKEN_FILE: await secretFile('bootstrap_token', token),
    },
  };
  const isHealthy = async () => (await runInContainer(options, config.healthcheck)).exitCode === 0;
  const call = (path: string, init: RequestInit = {}) =>
    fetch(`http://127.0.0.1:${port}${path}`, {
      ...init,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    });

  assert(!(await isHealthy()), 'it is healthy before it runs');
  const began = performance.now();
  const server = startContainer(options, config.command);
  let isRunning = true;
  const ended = server.ended.then((end) => {
    isRunning = false;
    return end;
  });
  const until = async (what: string, condition: () => Promise<boolean>) => {
    const since = performance.now();
    while (!(await condition())) {
      assert(isRunning, `it ended before ${what}: ${isRunning ? '' : (await ended).output}`);
      assert(performance.now() - since < LIMIT_MS, `not within ${LIMIT_MS} ms: ${what}`);
      await sleep(20);
    }
  };
  try {
    await until('it answers', async () => (await call(PAIRS).catch(() => undefined))?.status === 200);
    print(`first request answered ${seconds(began)} after the start, with the migration of an empty database`);
    assert(await isHealthy(), 'it answers, and is not healthy');

    const body = JSON.stringify({ common_name: 'made in the image', validity_days: 1, alg: 'ecdsa' });
    const made = await call(`${PAIRS}generate/`, { method: 'POST', body });
    assert.equal(made.status, 200, await made.clone().text());
    const { pk } = (await made.json()) as { pk: string };
    assert.match(await (await call(`${PAIRS}${pk}/view_private_key/?download`)).text(), /BEGIN EC PRIVATE KEY/);
    const command = ['node', 'dist/cli/main.js', 'token', 'create', '--username', 'second'];
    assert.equal((await runInContainer(options, command)).exitCode, 0, 'the command certkeep fails');

    await database.goAway();
    await until('unhealthy without its database', async () => !(await isHealthy()));
    await database.comeBack();
    const since = performance.now();
    await until('healthy again', isHealthy);
    print(`unhealthy while the database was away, healthy ${seconds(since)} after it came back`);

    server.stop();
    const { exitCode, output } = await ended;
    assert.equal(exitCode, 0, `${config.stopSignal} ended it with ${exitCode}: ${output}`);
    print(`ended by ${config.stopSignal} with exit code 0`);
  } finally {
    server.kill();
    await ended;
  }
}

/** Readable by all, as the image's user is none of this machine's. */
async function secretFile(name: string, content: string): Promise<string> {
  const path = join(directory, name);
  await writeFile(path, `${content}\n`, { mode: 0o444 });
  return path;
}
