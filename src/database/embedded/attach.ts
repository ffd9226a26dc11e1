import { setTimeout as sleep } from 'node:timers/promises';
import { connectionString, isReady } from './connection.ts';
import { isAttended } from './earlier-server.ts';
import { ownerOf } from './files.ts';
import type { EmbeddedPostgres } from './index.ts';
import { placeCluster } from './placement.ts';
import { findSocketDirectory } from './socket-directory.ts';

/** A server that begins is ready soon, or ends. */
const PATIENCE = 10_000;
const POLL_INTERVAL = 50;

export interface AttachOptions {
  readonly dataDirectory: string;
  /** As for a start. */
  readonly systemDirectory?: string;
}

/**
 * Finds the PostgreSQL that another Certkeep runs on a data directory, so that a command can work beside it. Starts and stops nothing.
 *
 * @returns undefined where none runs, or nobody of ours cares for the one that does
 * @throws {EmbeddedPostgresError} where the data directory is not ours to use
 */
export async function attachEmbeddedPostgres(options: AttachOptions): Promise<EmbeddedPostgres | undefined> {
  const { dataDirectory, systemDirectory = '/var/lib/certkeep' } = options;
  if ((await ownerOf(dataDirectory)) === undefined) {
    return undefined;
  }
  const { home, cluster, notice } = await placeCluster(dataDirectory, systemDirectory);
  const deadline = Date.now() + PATIENCE;
  while (Date.now() < deadline && (await isAttended(cluster))) {
    const socketDirectory = await findSocketDirectory(home);
    if (socketDirectory !== undefined && (await isReady(socketDirectory))) {
      return {
        url: connectionString(socketDirectory),
        clusterDirectory: cluster,
        notices: notice === undefined ? [] : [notice],
        stop: async () => {},
      };
    }
    await sleep(POLL_INTERVAL);
  }
  return undefined;
}
