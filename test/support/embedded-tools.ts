import { execFileSync, spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Client, type QueryResultRow } from 'pg';
import { onTestFinished } from 'vitest';
import {
  type EmbeddedPostgres,
  type EmbeddedPostgresOptions,
  startEmbeddedPostgres,
} from '../../src/database/embedded/index.ts';
import { inspectProcess } from '../../src/database/embedded/processes.ts';

/** A directory that whoever asks for it removes. */
export async function keptDirectory(mode = 0o755): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'certkeep-test-'));
  await chmod(directory, mode);
  return directory;
}

/** A directory that is removed after the test. */
export async function temporaryDirectory(mode?: number): Promise<string> {
  const directory = await keptDirectory(mode);
  onTestFinished(() => rm(directory, { recursive: true, force: true, maxRetries: 20 }));
  return directory;
}

export interface LogEntry {
  readonly level: 'info' | 'warn' | 'error';
  readonly message: string;
}

export function recordingLog() {
  const entries: LogEntry[] = [];
  const at = (level: LogEntry['level']) => (_fields: object, message: string) => void entries.push({ level, message });
  return { entries, log: { info: at('info'), warn: at('warn'), error: at('error') } };
}

/** Starts one in this process; it is stopped after the test. */
export async function start(
  dataDirectory: string,
  options: Partial<EmbeddedPostgresOptions> = {},
): Promise<EmbeddedPostgres> {
  const embedded = await startEmbeddedPostgres({ dataDirectory, log: recordingLog().log, ...options });
  onTestFinished(() => embedded.stop());
  return embedded;
}

export async function query<Row extends QueryResultRow>(url: string, text: string): Promise<Row[]> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 20_000 });
  client.on('error', () => {});
  try {
    await client.connect();
    return (await client.query<Row>(text)).rows;
  } finally {
    await client.end().catch(() => {});
  }
}

/** Waits until a condition holds: until `attempt` neither throws nor gives false or undefined. */
export async function until<T>(what: string, attempt: () => T | Promise<T>, limit = 50_000): Promise<NonNullable<T>> {
  const deadline = performance.now() + limit;
  let last: unknown;
  let looked: number;
  do {
    // One look begins after the limit, however long the machine stood still before.
    looked = performance.now();
    try {
      const value = await attempt();
      if (value !== undefined && value !== null && value !== false) {
        return value;
      }
    } catch (error) {
      last = error;
    }
    await sleep(20);
  } while (looked < deadline);
  throw new Error(`waited ${limit} ms in vain until ${what}`, { cause: last });
}

export function postmasterPid(clusterDirectory: string): number {
  return Number(readFileSync(join(clusterDirectory, 'postmaster.pid'), 'utf8').split('\n')[0]);
}

export async function isRunning(pid: number): Promise<boolean> {
  return (await inspectProcess(pid)) !== undefined;
}

export async function parentOf(pid: number): Promise<number> {
  const facts = await inspectProcess(pid);
  if (facts === undefined) {
    throw new Error(`process ${pid} has ended`);
  }
  return facts.parent;
}

/** A postmaster, the shell above it and all processes below it. */
export async function familyOf(postmaster: number): Promise<number[]> {
  const table = execFileSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' });
  const pairs = table.split('\n').map((line) => line.trim().split(/\s+/).map(Number));
  const children = pairs.flatMap(([pid = 0, parent]) => (parent === postmaster ? [pid] : []));
  return [await parentOf(postmaster), postmaster, ...children];
}

export async function untilEnded(pids: readonly number[]): Promise<void> {
  for (const pid of pids) {
    await until(`process ${pid} has ended`, async () => !(await isRunning(pid)));
  }
}

/** Ends a process that may have ended. */
export function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {}
}

/** Runs an embedded PostgreSQL in another process, which is killed after the test if it still runs. */
export function spawnHolder(dataDirectory: string, task: 'hold' | 'insert' = 'hold') {
  const script = fileURLToPath(new URL('embedded-holder.ts', import.meta.url));
  const child = spawn(process.execPath, ['--import', 'tsx', script, dataDirectory, task], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const facts: Record<string, unknown>[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => facts.push(JSON.parse(line)));
  onTestFinished(async () => {
    child.kill('SIGKILL');
    const pidFile = join(dataDirectory, 'postgres', 'postmaster.pid');
    await until(
      'its server has ended',
      async () => !existsSync(pidFile) || !(await isRunning(postmasterPid(join(dataDirectory, 'postgres')))),
    );
  });
  const told = async <T>(key: string) =>
    await until(`it tells ${key}`, () => facts.find((fact) => key in fact)?.[key] as T);
  return {
    pid: child.pid as number,
    started: async () => ({ url: await told<string>('url'), clusterDirectory: await told<string>('clusterDirectory') }),
    beginning: async () => await told<boolean>('starting'),
    acknowledged: () =>
      facts.flatMap((fact) => (typeof fact['acknowledged'] === 'number' ? [fact['acknowledged']] : [])),
  };
}

/** What the start page says of the database. That the programs were copied, it says too where this clone lies below a closed directory. */
export function databaseNotices({ notices }: { readonly notices: readonly string[] }): string[] {
  return notices.filter((notice) => !notice.includes('programs were copied'));
}

/** The program that last served a cluster: it may have been copied to where its user can run it. */
export function programOf(cluster: string): string {
  return readFileSync(join(cluster, 'postmaster.opts'), 'utf8').split(' ', 1)[0] ?? '';
}
