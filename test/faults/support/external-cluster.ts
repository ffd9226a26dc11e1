import { randomBytes, randomInt } from 'node:crypto';
import { chown, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { Client } from 'pg';
import { onTestFinished } from 'vitest';
import { areWeRoot, unprivilegedAccount } from '../../../src/database/embedded/account.ts';
import { findPackage } from '../../../src/database/embedded/binaries.ts';
import { makePrivateDirectory } from '../../../src/database/embedded/files.ts';
import { prepareBinaries } from '../../../src/database/embedded/prepare-binaries.ts';
import { type Supervised, supervise } from '../../../src/database/embedded/supervise.ts';
import { temporaryDirectory } from '../../support/embedded-tools.ts';
import { until } from '../../support/until.ts';

/** PostgreSQL's ways to end: it ends every connection; it ends without tidying up; it is killed. */
export type End = 'SIGINT' | 'SIGQUIT' | 'SIGKILL';

/** A PostgreSQL of the test's own on a TCP port, which knows nothing of the server under test. */
export interface ExternalCluster {
  /** Of an empty database. */
  readonly url: string;
  /** Ends it; resolves when it has ended. */
  stop(how: End): Promise<void>;
  /** Starts it again; resolves when it takes connections. */
  start(): Promise<void>;
}

/** Makes and starts a PostgreSQL with an empty database; it is ended and removed after the test. */
export async function startExternalCluster(): Promise<ExternalCluster> {
  const home = await temporaryDirectory();
  const account = areWeRoot() ? await unprivilegedAccount() : undefined;
  const { directory } = await prepareBinaries(findPackage(), account, home);
  const cluster = join(home, 'cluster');
  const output: string[] = [];
  const runs = (program: string, parameters: readonly string[]) =>
    supervise(join(directory, 'bin', program), parameters, { account, onLine: (line) => void output.push(line) });

  await makePrivateDirectory(cluster, account);
  const password = randomBytes(16).toString('hex');
  const passwordFile = join(home, 'password');
  await writeFile(passwordFile, password, { mode: 0o600 });
  await chown(passwordFile, account?.uid ?? -1, account?.gid ?? -1);
  const options = ['--username=postgres', '--encoding=UTF8', '--locale=C', '--auth=scram-sha-256', '--no-sync'];
  const initdb = await runs('initdb', [`--pgdata=${cluster}`, `--pwfile=${passwordFile}`, ...options]).ended;
  if (initdb.exitCode !== 0) {
    throw new Error(`initdb failed:\n${output.join('\n')}`);
  }

  let port = 0;
  let server: Supervised | undefined;
  const urlOf = (database: string) => `postgresql://postgres:${password}@127.0.0.1:${port}/${database}?sslmode=disable`;

  async function start(): Promise<void> {
    const started = runs('postgres', ['-D', cluster, '-h', '127.0.0.1', '-p', String(port), '-k', '']);
    server = started;
    let hasEnded = false;
    void started.ended.then(() => {
      hasEnded = true;
    });
    await until(async () => hasEnded || (await answers(urlOf('postgres'))), 60_000);
    if (hasEnded) {
      throw new Error(`PostgreSQL did not start:\n${output.join('\n')}`);
    }
  }

  async function stop(how: End): Promise<void> {
    const pid = await server?.pid;
    if (pid !== undefined) {
      process.kill(pid, how);
    }
    await server?.ended;
  }

  onTestFinished(async () => {
    server?.end();
    await server?.ended;
  });
  port = await freePort();
  await start();
  await query(urlOf('postgres'), 'CREATE DATABASE certkeep TEMPLATE template0');
  return { url: urlOf('certkeep'), start, stop };
}

/** Below what the system gives to clients, one of which could have it when the cluster is started again. */
async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(15_000, 30_000);
    const isFree = await new Promise<boolean>((resolve) => {
      const probe = createServer()
        .once('error', () => resolve(false))
        .listen(port, '127.0.0.1', () => probe.close(() => resolve(true)));
    });
    if (isFree) {
      return port;
    }
  }
}

async function answers(url: string): Promise<boolean> {
  try {
    await query(url, 'SELECT 1');
    return true;
  } catch {
    return false;
  }
}

async function query(url: string, statement: string): Promise<void> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 5000 });
  client.on('error', () => {});
  try {
    await client.connect();
    await client.query(statement);
  } finally {
    await client.end().catch(() => {});
  }
}
