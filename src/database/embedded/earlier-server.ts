import { readFile, rm, stat } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DataDirectoryInUse } from './errors.ts';
import { ifPresent } from './files.ts';
import type { Log } from './log.ts';
import { inspectProcess, isPidTaken, type ProcessFacts } from './processes.ts';
import { SOCKET_NAME } from './socket-directory.ts';
import { supervisionOf } from './supervise.ts';

/** On the command line of each server that we start. */
export const OUR_MARK = 'certkeep.supervised=on';

/** It may belong to a server of ours that was killed a moment ago. */
const PATIENCE_WITH_OTHERS = 5000;
/** One that is ending writes a checkpoint first. */
const PATIENCE_WITH_OURS = 60_000;
const POLL_INTERVAL = 25;
/** As long as a lock file is younger, its server may just have begun. */
const FRESH_MS = 1000;

/** A path may hold spaces, and a child calls itself `postgres: …`. Rather too much than too little: what it fits is not disturbed. */
const POSTGRES = /(^|\/)(postgres|postmaster)(:|\s|$)/;

/** Whoever answers on the socket, or made a lock file a moment ago, without a process that we see. */
const NOT_SEEN: Occupant = { pid: undefined, isOrphan: false, patience: PATIENCE_WITH_OTHERS };

export interface Site {
  readonly cluster: string;
  readonly socketDirectory: string;
}

/** The server that holds a cluster. */
interface Occupant {
  /** Undefined where it only answers on the socket, such as one in another container. */
  readonly pid: number | undefined;
  /** Nobody is left who would end it. */
  readonly isOrphan: boolean;
  /** How long to wait for its end, in milliseconds. */
  readonly patience: number;
}

/**
 * Sees to it that no server holds the cluster: ends one of ours whose supervisor was killed, waits for one that is ending, and
 * removes what one that died left in our way. Never touches a server that somebody else cares for.
 *
 * @throws {DataDirectoryInUse} where another server still runs after a while
 */
export async function clearTheWay(site: Site, log: Log, signal: AbortSignal): Promise<void> {
  const begin = Date.now();
  const ended = new Set<number>();
  for (;;) {
    signal.throwIfAborted();
    const occupant = await findOccupant(site);
    if (occupant === undefined && (await removeRemnants(site))) {
      return;
    }
    const { pid, isOrphan, patience } = occupant ?? NOT_SEEN;
    if (pid !== undefined && isOrphan && !ended.has(pid)) {
      log.warn({ pid }, 'ending a PostgreSQL that an earlier Certkeep left behind when it was killed');
      process.kill(pid, 'SIGINT');
      ended.add(pid);
    }
    if (Date.now() - begin > patience) {
      throw new DataDirectoryInUse(site.cluster, pid === undefined ? 'it answers on the socket' : `process ${pid}`);
    }
    await sleep(POLL_INTERVAL, undefined, { signal });
  }
}

/** Whether a server of ours holds the cluster whose Certkeep runs: it will not be ended from under us without that one's doing. */
export async function isAttended(cluster: string): Promise<boolean> {
  const server = await findServer(cluster);
  return server?.commandLine.includes(OUR_MARK) === true && (await supervisionOf(server)) === 'attended';
}

async function findOccupant(site: Site): Promise<Occupant | undefined> {
  const server = await findServer(site.cluster);
  if (server === undefined) {
    const answers = await isAnswered(join(site.socketDirectory, SOCKET_NAME));
    return answers ? NOT_SEEN : undefined;
  }
  const supervision = server.commandLine.includes(OUR_MARK) ? await supervisionOf(server) : undefined;
  // One of ours without its supervisor ends, by us or without our doing.
  const ends = supervision === 'none' || supervision === 'abandoned';
  return {
    pid: server.pid,
    isOrphan: supervision === 'none',
    patience: ends ? PATIENCE_WITH_OURS : PATIENCE_WITH_OTHERS,
  };
}

/** The live server that the cluster's pid file names. A pid that went to another program since is none. */
async function findServer(cluster: string): Promise<ProcessFacts | undefined> {
  const pid = await readPid(join(cluster, 'postmaster.pid'));
  const facts = pid === undefined ? undefined : await inspectProcess(pid);
  if (facts === undefined || !POSTGRES.test(facts.commandLine)) {
    return undefined;
  }
  // PostgreSQL serves only a cluster of its own user, and its working directory is the cluster.
  const { uid, dev, ino } = await stat(cluster);
  const where = facts.workingDirectory;
  const isThere = where === undefined || (where.dev === dev && where.ino === ino);
  return facts.uid === uid && isThere ? facts : undefined;
}

async function isAnswered(socket: string): Promise<boolean> {
  return await new Promise((resolve) => {
    const connection = connect(socket)
      .once('connect', () => {
        connection.destroy();
        resolve(true);
      })
      .once('error', () => resolve(false));
  });
}

/**
 * PostgreSQL itself does away with the lock files of a server that died, but not where another process has its pid now, or where
 * nobody has waited for it yet, or where a power cut emptied the file. A file that was just made belongs to a server that begins beside us:
 * without it that one would never be seen to be ready.
 *
 * @returns false where such a file may be a remnant, or a server's that begins: a moment later it is known
 */
async function removeRemnants({ cluster, socketDirectory }: Site): Promise<boolean> {
  for (const file of [join(cluster, 'postmaster.pid'), join(socketDirectory, `${SOCKET_NAME}.lock`)]) {
    const pid = await readPid(file);
    if (pid === undefined || isPidTaken(pid)) {
      if ((await isFresh(file)) || (await findServer(cluster)) !== undefined) {
        return false;
      }
      await rm(file, { force: true });
    }
  }
  return true;
}

async function isFresh(file: string): Promise<boolean> {
  const facts = await ifPresent(stat(file));
  // A time to come is that of a clock that was set since.
  return facts !== undefined && Math.abs(Date.now() - facts.mtimeMs) <= FRESH_MS;
}

async function readPid(file: string): Promise<number | undefined> {
  const text = await ifPresent(readFile(file, 'utf8'));
  const pid = Math.abs(Number.parseInt(text ?? '', 10));
  return Number.isSafeInteger(pid) && pid > 0 ? pid : undefined;
}
