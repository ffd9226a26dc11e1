import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { onTestFailed, onTestFinished } from 'vitest';
import { connectionString } from '../../../src/database/embedded/connection.ts';
import { type RunningProcess, run } from '../../support/process.ts';
import { until } from '../../support/until.ts';
import type { Target } from './client.ts';

/** A whole server in a process of its own that listens. */
export interface ServerProcess extends Target {
  readonly pid: number;
  readonly process: RunningProcess;
  /** How long it took from its start until it listened, in milliseconds. */
  readonly readyAfter: number;
}

/**
 * Runs a server on the database that the environment names; it is ended after the test if it still runs.
 *
 * @throws {Error} with what it wrote, where it ends instead of listening
 */
export async function startServerProcess(environment: Record<string, string>): Promise<ServerProcess> {
  const begin = performance.now();
  const server = spawnServer(environment);
  let exitCode: number | null | undefined;
  void server.ended.then((code) => {
    exitCode = code;
  });
  await until(() => exitCode !== undefined || urlIn(server) !== undefined, 90_000);
  const url = urlIn(server);
  if (url === undefined) {
    throw new Error(`the server ended with ${exitCode} before it was ready:\n${server.output()}`);
  }
  const readyAfter = performance.now() - begin;
  const token = environment['CERTKEEP_BOOTSTRAP_TOKEN'] ?? (await readToken(environment['CERTKEEP_DATA_DIR'] ?? ''));
  return { url, token, pid: server.child.pid as number, process: server, readyAfter };
}

/** Runs a server and does not wait for it; it is ended after the test if it still runs. */
export function spawnServer(environment: Record<string, string>): RunningProcess {
  const server = run('src/main.ts', [], { CERTKEEP_PORT: '0', ...environment });
  onTestFailed(() => {
    const lines = server.output().split('\n');
    const telling = lines.filter((line) => !/"msg":"(incoming request|request completed)"/.test(line)).slice(-40);
    process.stdout.write(`The server (exit code ${server.child.exitCode}) wrote at last:\n${telling.join('\n')}\n`);
  });
  onTestFinished(async () => {
    server.child.kill('SIGTERM');
    await server.ended;
  });
  return server;
}

/** Where the embedded database of a data directory is reached, past the server. */
export function embeddedUrl(dataDirectory: string): string {
  return connectionString(join(dataDirectory, 'socket'));
}

/** Where the embedded database of a data directory keeps its files. */
export function embeddedCluster(dataDirectory: string): string {
  return join(dataDirectory, 'postgres');
}

function urlIn(server: RunningProcess): string | undefined {
  return /listening at (http:\/\/[\w.:]+)/.exec(server.output())?.[1];
}

async function readToken(dataDirectory: string): Promise<string> {
  return (await readFile(join(dataDirectory, 'token'), 'utf8')).trim();
}
