import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
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
      const answered = once(child, 'message');
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
  return (await start(command, { NODE_ENV: 'production' }, /^(http:\/\/\S+)/, token)).server;
}

function startCertkeep(
  options: readonly string[],
  environment: Environment,
  token: string,
  channel: readonly 'ipc'[] = [],
) {
  const own = {
    UV_THREADPOOL_SIZE: THREADS,
    NODE_ENV: 'production',
    CERTKEEP_PORT: '0',
    CERTKEEP_BOOTSTRAP_TOKEN: token,
    ...environment,
  };
  const command = [...extraOptions, ...options, '--enable-source-maps', 'dist/main.js'];
  return start(command, own, /"msg":"Server listening at (http:\/\/[^"]+)"/, token, channel);
}

async function start(
  command: readonly string[],
  environment: Environment,
  listening: RegExp,
  token: string,
  channel: readonly 'ipc'[] = [],
) {
  const begin = performance.now();
  const child = spawn(process.execPath, command, {
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'inherit', ...channel],
  });
  const ended = once(child, 'close');
  const url = await addressOf(child, listening);
  const readyAfter = performance.now() - begin;
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

/** Goes on reading afterwards: a full pipe would hold the server up. But not line by line: it is the load generator's time. */
function addressOf(child: ChildProcess, listening: RegExp): Promise<string> {
  return new Promise((resolve, reject) => {
    const output = child.stdout as NodeJS.ReadableStream;
    const lines = createInterface({ input: output });
    lines.on('line', (line) => {
      const [, url] = listening.exec(line) ?? [];
      if (url !== undefined) {
        lines.close();
        output.resume();
        resolve(url);
      }
    });
    child.once('close', (code) => reject(new Error(`a server ended with ${code} before it listened`)));
  });
}
