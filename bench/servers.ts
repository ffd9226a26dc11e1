import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, open, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { Target } from './load/load.ts';

/** Of one process, in MB. */
export interface Memory {
  readonly now: number;
  /** The most that it ever was. */
  readonly peak: number;
}

export interface Server extends Target {
  /** From its start until it listened, in milliseconds. */
  readonly readyAfter: number;
  memory(): Promise<Memory>;
  stop(): Promise<void>;
}

/** How long the file system and the resolver took to answer inside a server's process, in milliseconds. */
export interface Waits {
  readonly stat: readonly number[];
  readonly lookup: readonly number[];
}

export interface ProbedServer extends Server {
  /** What was asked for since the call before. */
  waits(): Promise<Waits>;
}

type Environment = Readonly<Record<string, string>>;

/** As `npm start` sets it. */
export const THREADS = '8';

/** Between two looks at whether a server listens. */
const POLL_MS = 5;
/** For a server to listen, or to answer what it is asked over its channel. */
const PATIENCE_MS = 60_000;

/** For profiling: `--cpu-prof`, say. */
const extraOptions = (process.env['CERTKEEP_BENCH_SERVER_OPTIONS'] ?? '').split(' ').filter((option) => option !== '');

/**
 * Starts the server as `npm start` does.
 *
 * @throws {Error} where it ends before it listens
 */
export async function startServer(environment: Environment, token: string): Promise<Server> {
  return (await startCertkeep([], environment, token)).server;
}

/**
 * Starts the server with `probe.js` in its process.
 *
 * @throws {Error} where it ends before it listens
 */
export async function startProbedServer(environment: Environment, token: string): Promise<ProbedServer> {
  const probe = new URL('probe.js', import.meta.url).href;
  const { child, server } = await startCertkeep(['--import', probe], environment, token, ['ipc']);
  return {
    ...server,
    async waits() {
      const answered = once(child, 'message', { signal: AbortSignal.timeout(PATIENCE_MS) });
      child.send('waits');
      const [waits] = await answered;
      return waits as Waits;
    },
  };
}

/**
 * Starts what the server is compared with.
 *
 * @throws {Error} where it ends before it listens
 */
export async function startBaseline(databaseUrl: string, token: string): Promise<Server> {
  const command = ['--import', 'tsx', 'bench/baseline.ts', databaseUrl];
  return (await start(command, { NODE_ENV: 'production' }, /^(http:\/\/\S+)\n/, token)).server;
}

/**
 * Starts the server with options of node's.
 *
 * @param outputPath where its log stays; without it, it is gone once the server listens
 * @throws {Error} where it ends before it listens
 */
export function startCertkeep(
  options: readonly string[],
  environment: Environment,
  token: string,
  channel: readonly 'ipc'[] = [],
  outputPath?: string,
) {
  const own = {
    UV_THREADPOOL_SIZE: THREADS,
    NODE_ENV: 'production',
    CERTKEEP_PORT: '0',
    CERTKEEP_BOOTSTRAP_TOKEN: token,
    ...environment,
  };
  const command = [...extraOptions, ...options, '--enable-source-maps', 'dist/main.js'];
  return start(command, own, /"msg":"Server listening at (http:\/\/[^"]+)"/, token, channel, outputPath);
}

async function start(
  command: readonly string[],
  environment: Environment,
  listening: RegExp,
  token: string,
  channel: readonly 'ipc'[] = [],
  outputPath?: string,
) {
  const folder = await mkdtemp(join(tmpdir(), 'certkeep-bench-output-'));
  const path = outputPath ?? join(folder, 'stdout');
  // Into a file, as a service's log is: read by this process, it would cost the load generator's time.
  const output = await open(path, 'w');
  const begin = performance.now();
  const child = spawn(process.execPath, command, {
    env: { ...process.env, ...environment },
    stdio: ['ignore', output.fd, 'inherit', ...channel],
  });
  const ended = once(child, 'close');
  let url: string;
  let readyAfter: number;
  try {
    url = await addressIn(path, child, listening);
    readyAfter = performance.now() - begin;
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  } finally {
    await output.close();
    await rm(folder, { recursive: true });
  }
  const server: Server = {
    url,
    token,
    readyAfter,
    async memory() {
      const status = await readFile(`/proc/${child.pid}/status`, 'utf8');
      const megabytes = (field: string) => Number(new RegExp(`${field}:\\s+(\\d+) kB`).exec(status)?.[1]) / 1024;
      return { now: megabytes('VmRSS'), peak: megabytes('VmHWM') };
    },
    async stop() {
      child.kill('SIGTERM');
      await ended;
    },
  };
  return { child, server };
}

async function addressIn(path: string, child: ChildProcess, listening: RegExp): Promise<string> {
  for (const end = performance.now() + PATIENCE_MS; performance.now() < end; await wait(POLL_MS)) {
    const [, url] = listening.exec(await readFile(path, 'utf8')) ?? [];
    if (url !== undefined) {
      return url;
    }
    if (child.exitCode !== null || child.signalCode !== null) {
      throw new Error(`a server ended with ${child.exitCode ?? child.signalCode} before it listened`);
    }
  }
  throw new Error('a server did not listen in time');
}
