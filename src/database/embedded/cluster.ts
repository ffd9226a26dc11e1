import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DataDirectoryNotUsable, PostgresFailedToStart, WrongMajorVersion } from './errors.ts';
import { errorCode, ifPresent, makePrivateDirectory } from './files.ts';
import { makeWhole, removeLeftovers } from './making.ts';
import type { Placement } from './placement.ts';
import type { Binaries } from './prepare-binaries.ts';
import { createServerLog } from './server-log.ts';
import { supervise } from './supervise.ts';

/**
 * Order and case come from PostgreSQL's own tables and not from the system's, so that they are the same everywhere. The system's
 * C.UTF-8 is named too where it has it, for what PostgreSQL still asks the system; the second way needs nothing of the system.
 */
const LOCALES = [
  ['--locale-provider=builtin', '--locale=C.UTF-8'],
  ['--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--locale=C'],
];

/**
 * Sees to it that there is a database cluster of our major version.
 *
 * @throws {WrongMajorVersion} where PostgreSQL of another major version made the one that is there
 * @throws {DataDirectoryNotUsable} where something else is in its place
 * @throws {PostgresFailedToStart} where it can't be made
 */
export async function ensureCluster(placement: Placement, binaries: Binaries, signal: AbortSignal): Promise<void> {
  const { cluster } = placement;
  await removeLeftovers(cluster);
  if (!(await isThere(placement, binaries))) {
    await makeWhole(cluster, async (unfinished) => {
      await makePrivateDirectory(unfinished, placement.account);
      await initialise(unfinished, placement, binaries, signal);
    });
    await isThere(placement, binaries);
  }
}

async function isThere({ cluster }: Placement, binaries: Binaries): Promise<boolean> {
  try {
    const major = (await ifPresent(readFile(join(cluster, 'PG_VERSION'), 'utf8')))?.trim();
    if (major === undefined) {
      const content = (await ifPresent(readdir(cluster))) ?? [];
      if (content.length > 0) {
        throw new DataDirectoryNotUsable(cluster, 'it holds something else than a PostgreSQL database');
      }
      return false;
    }
    if (major !== binaries.major) {
      throw new WrongMajorVersion(cluster, major, binaries.major);
    }
    return true;
  } catch (error) {
    if (errorCode(error) === 'EACCES' || errorCode(error) === 'EPERM') {
      throw new DataDirectoryNotUsable(cluster, 'it is not readable', error);
    }
    throw error;
  }
}

async function initialise(directory: string, { account }: Placement, binaries: Binaries, signal: AbortSignal) {
  const serverLog = createServerLog();
  for (const locale of LOCALES) {
    signal.throwIfAborted();
    const options = ['--username=postgres', '--encoding=UTF8', '--auth-local=trust', '--auth-host=reject', ...locale];
    const initdb = supervise(join(binaries.directory, 'bin', 'initdb'), [`--pgdata=${directory}`, ...options], {
      account,
      onLine: serverLog.add,
    });
    signal.addEventListener('abort', initdb.end);
    const { exitCode, reason } = await initdb.ended;
    signal.removeEventListener('abort', initdb.end);
    if (exitCode === 0) {
      return;
    }
    signal.throwIfAborted();
    if (!serverLog.tail().some((line) => /locale/i.test(line))) {
      throw new PostgresFailedToStart(`initdb failed: ${reason}`, serverLog.tail());
    }
  }
  throw new PostgresFailedToStart('initdb knows no locale to use', serverLog.tail());
}
