import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chown, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { freePort } from '../../scripts/support/free-port.ts';

const PROGRAM = '/usr/sbin/pgbouncer';
const PATIENCE_MS = 5000;

export interface Pooler {
  /** postgresql://… through it. */
  readonly url: string;
  stop(): Promise<void>;
}

/**
 * Starts PgBouncer in transaction mode before the PostgreSQL that a URL names.
 *
 * @param size its connections to PostgreSQL
 * @returns undefined where there is none on this machine (Debian: apt-get install pgbouncer)
 */
export async function startPgBouncer(databaseUrl: string, size: number): Promise<Pooler | undefined> {
  if ((await stat(PROGRAM).catch(() => undefined)) === undefined) {
    return undefined;
  }
  const url = new URL(databaseUrl);
  const socket = url.searchParams.get('host') ?? '';
  const port = await freePort();
  const folder = await mkdtemp(join(tmpdir(), 'certkeep-bench-pooler-'));
  const file = join(folder, 'pgbouncer.ini');
  await writeFile(
    file,
    `[databases]
* = host=${socket} port=5432 user=postgres dbname=${url.pathname.slice(1)}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = ${size}
max_client_conn = 500
ignore_startup_parameters = extra_float_digits
`,
  );
  // It refuses to run as root, and whoever runs it must reach PostgreSQL's socket.
  const { uid, gid } = await stat(socket);
  await chown(folder, uid, gid);
  await chown(file, uid, gid);
  const child = spawn(PROGRAM, ['-q', file], { stdio: ['ignore', 'ignore', 'ignore'], uid, gid });
  const ended = once(child, 'close');
  await untilOpen(port);
  return {
    url: `postgresql://postgres@127.0.0.1:${port}/${url.pathname.slice(1)}?sslmode=disable`,
    async stop() {
      child.kill('SIGTERM');
      await ended;
      await rm(folder, { recursive: true });
    },
  };
}

async function untilOpen(port: number): Promise<void> {
  for (const end = performance.now() + PATIENCE_MS; performance.now() < end; await wait(20)) {
    const socket = connect(port, '127.0.0.1');
    const isOpen = await Promise.race([
      once(socket, 'connect').then(() => true),
      once(socket, 'error').then(() => false),
    ]).catch(() => false);
    socket.destroy();
    if (isOpen) {
      return;
    }
  }
  throw new Error('PgBouncer did not listen in time');
}
