import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import type { Target } from './load/load.ts';

export interface Server extends Target {
  /** From its start until it listened, in milliseconds. */
  readonly readyAfter: number;
  /** What its process holds in memory, in MB. */
  memory(): Promise<number>;
  stop(): Promise<void>;
}

/** Starts the server as `npm start` does. */
export function startServer(environment: Readonly<Record<string, string>>, token: string): Promise<Server> {
  const own = {
    UV_THREADPOOL_SIZE: '8',
    NODE_ENV: 'production',
    CERTKEEP_PORT: '0',
    CERTKEEP_BOOTSTRAP_TOKEN: token,
    ...environment,
  };
  return start(['--enable-source-maps', 'dist/main.js'], own, /"msg":"Server listening at (http:\/\/[^"]+)"/, token);
}

/** Starts what the server is compared with. */
export function startBaseline(databaseUrl: string, token: string): Promise<Server> {
  const own = { NODE_ENV: 'production' };
  return start(['--import', 'tsx', 'bench/baseline.ts', databaseUrl], own, /^(http:\/\/\S+)/, token);
}

async function start(
  command: readonly string[],
  environment: Readonly<Record<string, string>>,
  listening: RegExp,
  token: string,
): Promise<Server> {
  const begin = performance.now();
  const child = spawn(process.execPath, command, {
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const url = await addressOf(child, listening);
  const readyAfter = performance.now() - begin;
  return {
    url,
    token,
    readyAfter,
    async memory() {
      const status = await readFile(`/proc/${child.pid}/status`, 'utf8');
      return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024;
    },
    async stop() {
      const ended = once(child, 'close');
      child.kill('SIGTERM');
      await ended;
    },
  };
}

/** Goes on reading afterwards: a full pipe would hold the server up. */
function addressOf(child: ChildProcess, listening: RegExp): Promise<string> {
  return new Promise((resolve, reject) => {
    createInterface({ input: child.stdout as NodeJS.ReadableStream }).on('line', (line) => {
      const [, url] = listening.exec(line) ?? [];
      if (url !== undefined) {
        resolve(url);
      }
    });
    child.once('close', (code) => reject(new Error(`a server ended with ${code} before it listened`)));
  });
}
