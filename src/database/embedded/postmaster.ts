import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Account } from './account.ts';
import { isServed } from './connection.ts';
import { clearTheWay, OUR_MARK, type Site } from './earlier-server.ts';
import { PostgresFailedToStart } from './errors.ts';
import { ifPresent } from './files.ts';
import type { Log } from './log.ts';
import { createServerLog, LOG_LINE_PREFIX } from './server-log.ts';
import { type Supervised, supervise } from './supervise.ts';

const START_LIMIT = 60_000;
const POLL_INTERVAL = 10;
const RETRY_INTERVAL = 100;

/** The processes of a server that was killed need a moment to end, and another start may have been quicker than ours. */
const PASSING_TROUBLE = /pre-existing shared memory block|lock file .* (already exists|is empty)/;

/** What a server needs to start. */
export interface ServerOptions extends Site {
  /** The program `postgres`. */
  readonly program: string;
  /** Undefined: ourselves. */
  readonly account: Account | undefined;
  readonly log: Log;
}

/**
 * For a small machine beside other programs. What keeps data safe (fsync, full_page_writes, synchronous_commit) is not here:
 * PostgreSQL's defaults are right.
 */
const SETTINGS = {
  listen_addresses: '',
  port: '5432',
  unix_socket_permissions: '0700',
  max_connections: '50',
  shared_buffers: '128MB',
  max_wal_size: '512MB',
  max_logical_replication_workers: '0',
  jit: 'off',
  timezone: 'UTC',
  log_timezone: 'UTC',
  lc_messages: 'C',
  logging_collector: 'off',
  log_destination: 'stderr',
  log_min_messages: 'warning',
  log_line_prefix: LOG_LINE_PREFIX,
  // The text of a failed statement may hold what must not stand in a log.
  log_min_error_statement: 'panic',
};

/** A server that took connections when it was handed over. */
export type Postmaster = Pick<Supervised, 'ended' | 'end'>;

/**
 * Starts a server on a cluster and waits until it takes connections.
 *
 * @throws {DataDirectoryInUse} where another server holds the cluster
 * @throws {PostgresFailedToStart} where it ends, or is not ready within a minute
 */
export async function startPostmaster(options: ServerOptions, signal: AbortSignal): Promise<Postmaster> {
  const deadline = Date.now() + START_LIMIT;
  const serverLog = createServerLog(options.log);
  for (;;) {
    await clearTheWay(options, options.log, signal);
    serverLog.clear();
    const server = supervise(options.program, parameters(options), { account: options.account, onLine: serverLog.add });
    const trouble = await whyNotReady(server, options, deadline, signal);
    if (trouble === undefined) {
      return server;
    }
    server.end();
    await server.ended;
    signal.throwIfAborted();
    const isPassing = serverLog.tail().some((line) => PASSING_TROUBLE.test(line));
    if (!isPassing || Date.now() > deadline) {
      throw new PostgresFailedToStart(trouble, serverLog.tail());
    }
    await sleep(RETRY_INTERVAL, undefined, { signal });
  }
}

function parameters({ cluster, socketDirectory }: Site): string[] {
  const settings = Object.entries(SETTINGS).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  // A list of directories: a comma in a name would end it.
  const socketDirectories = `"${socketDirectory.replaceAll('"', '""')}"`;
  return ['-D', cluster, '-k', socketDirectories, '-c', OUR_MARK, ...settings];
}

/** Waits until a server takes connections. Undefined when it does, otherwise the reason why it never will. */
async function whyNotReady(
  server: Supervised,
  site: Site,
  deadline: number,
  signal: AbortSignal,
): Promise<string | undefined> {
  let end: string | undefined;
  void server.ended.then(({ reason }) => {
    end = reason;
  });
  const pid = await server.pid;
  while (end === undefined) {
    if (signal.aborted || Date.now() > deadline) {
      return 'it was not ready in time';
    }
    try {
      if ((await saysReady(site.cluster, pid)) && (await isServed(site.socketDirectory))) {
        return undefined;
      }
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
    await sleep(POLL_INTERVAL);
  }
  return end;
}

/**
 * What the server notes in its pid file, whose first line is its pid and whose eighth is its state. Asked before connecting,
 * because on the same socket another server may answer, and because this one complains of those who come too early.
 */
async function saysReady(cluster: string, pid: number | undefined): Promise<boolean> {
  const lines = (await ifPresent(readFile(join(cluster, 'postmaster.pid'), 'utf8')))?.split('\n');
  return lines?.[0] === String(pid) && lines[7]?.trim() === 'ready';
}
