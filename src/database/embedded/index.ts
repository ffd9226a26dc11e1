import { join } from 'node:path';
import { areWeRoot } from './account.ts';
import { findPackage } from './binaries.ts';
import { ensureCluster } from './cluster.ts';
import { connectionString } from './connection.ts';
import { DataDirectoryNotUsable, EmbeddedPostgresError } from './errors.ts';
import { errorCode } from './files.ts';
import { keepRunning } from './keep-running.ts';
import type { Log } from './log.ts';
import { placeCluster } from './placement.ts';
import { prepareBinaries } from './prepare-binaries.ts';
import { makeSocketDirectory } from './socket-directory.ts';

export {
  DataDirectoryInUse,
  DataDirectoryNotUsable,
  EmbeddedPostgresError,
  type EmbeddedPostgresErrorCode,
  NoUnprivilegedUser,
  PlatformNotSupported,
  PostgresFailedToStart,
  WrongMajorVersion,
} from './errors.ts';

export interface EmbeddedPostgresOptions {
  /** Made where it is missing. */
  readonly dataDirectory: string;
  readonly log: Log;
  /** Ends the start; what runs after it is ended by `stop`. */
  readonly signal?: AbortSignal;
  /** Where we keep, as root, what PostgreSQL's user can't reach in its own place. */
  readonly systemDirectory?: string;
}

export interface EmbeddedPostgres {
  /** A connection string for pg and Prisma. It stays the same when PostgreSQL is started again. */
  readonly url: string;
  /** Where PostgreSQL's data really lie. */
  readonly clusterDirectory: string;
  /** Sentences for the start page on what lies elsewhere than expected. Empty in the ordinary case. */
  readonly notices: readonly string[];
  /** A fast shutdown; resolves once PostgreSQL has ended, and may be called again. */
  stop(): Promise<void>;
}

/**
 * Starts a PostgreSQL of our own on a data directory, with a database `certkeep`, on a Unix socket that only this user (and root)
 * can reach. It ends with this process, however that ends, and is started again where it ends by itself.
 *
 * @throws {EmbeddedPostgresError} one of the closed set in errors.ts
 * @throws the signal's reason, where that was aborted
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const signal = options.signal ?? new AbortController().signal;
  try {
    return await start(options, signal);
  } catch (error) {
    if (error instanceof EmbeddedPostgresError || signal.aborted || errorCode(error) === undefined) {
      throw error;
    }
    // A system call failed where nothing in particular was expected: a full disk, a lost right.
    throw new DataDirectoryNotUsable(options.dataDirectory, error instanceof Error ? error.message : 'unknown', error);
  }
}

async function start(options: EmbeddedPostgresOptions, signal: AbortSignal): Promise<EmbeddedPostgres> {
  const { log, systemDirectory = '/var/lib/certkeep' } = options;
  signal.throwIfAborted();
  // Before anything is made on disk: where there is no PostgreSQL, no directory is wanted.
  const found = findPackage();
  const placement = await placeCluster(options.dataDirectory, systemDirectory);
  const { home, cluster, account } = placement;
  const binaries = await prepareBinaries(found, account, areWeRoot() ? systemDirectory : home);
  signal.throwIfAborted();
  await ensureCluster(placement, binaries, signal);
  const socketDirectory = await makeSocketDirectory(home, account);
  const program = join(binaries.directory, 'bin', 'postgres');
  const { stop } = await keepRunning({ program, cluster, socketDirectory, account, log }, signal);
  return {
    url: connectionString(socketDirectory),
    clusterDirectory: cluster,
    notices: [placement.notice, binaries.notice].filter((notice) => notice !== undefined),
    stop,
  };
}
