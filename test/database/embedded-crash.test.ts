import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  familyOf,
  isRunning,
  kill,
  parentOf,
  postmasterPid,
  query,
  recordingLog,
  spawnHolder,
  start,
  temporaryDirectory,
  until,
  untilEnded,
} from '../support/embedded-tools.ts';

async function keptRows(url: string): Promise<number[]> {
  const rows = await query<{ number: number }>(url, 'SELECT number FROM kept ORDER BY number');
  return rows.map((row) => row.number);
}

describe('when PostgreSQL is killed', () => {
  it('comes back under the same url with what was committed', async () => {
    const { entries, log } = recordingLog();
    const { url, clusterDirectory } = await start(await temporaryDirectory(), { log });
    await query(url, 'CREATE TABLE kept AS SELECT 1 AS number');
    for (let round = 1; round <= 3; round++) {
      const killed = postmasterPid(clusterDirectory);
      process.kill(killed, 'SIGKILL');
      await until('another server runs', () => postmasterPid(clusterDirectory) !== killed);
      expect(await until('it answers', () => keptRows(url))).toEqual([1]);
      const told = () => entries.filter(({ message }) => message.includes('runs again')).length === round;
      await until('it tells so', told);
    }
  });

  it('comes back when it is killed together with the shell above it, or only that shell is', async () => {
    const { url, clusterDirectory } = await start(await temporaryDirectory());
    await query(url, 'CREATE TABLE kept AS SELECT 1 AS number');
    for (const withServer of [true, false]) {
      const killed = postmasterPid(clusterDirectory);
      process.kill(await parentOf(killed), 'SIGKILL');
      if (withServer) {
        process.kill(killed, 'SIGKILL');
      }
      await until('another server runs', () => postmasterPid(clusterDirectory) !== killed);
      expect(await until('it answers', () => keptRows(url))).toEqual([1]);
      await untilEnded([killed]);
    }
  });

  it('does not come back after it was told to stop', async () => {
    const { clusterDirectory, stop } = await start(await temporaryDirectory());
    const killed = postmasterPid(clusterDirectory);
    process.kill(killed, 'SIGKILL');
    await stop();
    const pidFile = join(clusterDirectory, 'postmaster.pid');
    expect(existsSync(pidFile) && (await isRunning(postmasterPid(clusterDirectory)))).toBe(false);
  });

  it('is ended by stop also where somebody killed the shell above it', async () => {
    const { clusterDirectory, stop } = await start(await temporaryDirectory());
    const server = postmasterPid(clusterDirectory);
    kill(await parentOf(server));
    await stop();
    await untilEnded([server]);
    const pidFile = join(clusterDirectory, 'postmaster.pid');
    expect(existsSync(pidFile) && (await isRunning(postmasterPid(clusterDirectory)))).toBe(false);
  });
});

const unfinishedIn = (dataDirectory: string) => readdirSync(dataDirectory).filter((name) => name.includes('.new-'));

/** A data directory whose process was killed while initdb was at work. That takes a second, which this process may sleep through. */
async function killedAtWork(): Promise<string> {
  for (let attempt = 0; attempt < 5; attempt++) {
    const dataDirectory = await temporaryDirectory();
    const isMade = () => existsSync(join(dataDirectory, 'postgres'));
    const holder = spawnHolder(dataDirectory);
    await until('initdb is at work', () => {
      const [name] = unfinishedIn(dataDirectory);
      return isMade() || (name !== undefined && existsSync(join(dataDirectory, name, 'PG_VERSION')));
    });
    process.kill(holder.pid, 'SIGKILL');
    if (!isMade()) {
      expect(unfinishedIn(dataDirectory)).toHaveLength(1);
      return dataDirectory;
    }
  }
  throw new Error('initdb was through before its process could be killed, each time');
}

describe('when our process is killed', () => {
  it('no process of PostgreSQL remains, and each acknowledged row is there at the next start', async () => {
    const dataDirectory = await temporaryDirectory();
    const holder = spawnHolder(dataDirectory, 'insert');
    const { clusterDirectory } = await holder.started();
    await until('rows are acknowledged', () => holder.acknowledged().length >= 50);
    const family = await familyOf(postmasterPid(clusterDirectory));
    process.kill(holder.pid, 'SIGKILL');
    await untilEnded([holder.pid, ...family]);
    const { url } = await start(dataDirectory);
    expect(await keptRows(url)).toEqual(expect.arrayContaining(holder.acknowledged()));
  });

  it('the next start need not wait until that PostgreSQL has ended', async () => {
    const dataDirectory = await temporaryDirectory();
    const holder = spawnHolder(dataDirectory);
    await holder.started();
    process.kill(holder.pid, 'SIGKILL');
    const { url } = await start(dataDirectory);
    expect(await query(url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });

  it('together with the shell above PostgreSQL, the next start ends the orphan and finds each acknowledged row', async () => {
    const dataDirectory = await temporaryDirectory();
    const holder = spawnHolder(dataDirectory, 'insert');
    const { clusterDirectory } = await holder.started();
    await until('rows are acknowledged', () => holder.acknowledged().length >= 50);
    const orphan = postmasterPid(clusterDirectory);
    const shell = await parentOf(orphan);
    // The shell first: it must not see the end of our process.
    process.kill(shell, 'SIGSTOP');
    process.kill(holder.pid, 'SIGKILL');
    process.kill(shell, 'SIGKILL');
    await untilEnded([holder.pid, shell]);
    expect(await isRunning(orphan)).toBe(true);
    const { entries, log } = recordingLog();
    const { url } = await start(dataDirectory, { log });
    expect(await isRunning(orphan)).toBe(false);
    expect(entries).toContainEqual({ level: 'warn', message: expect.stringContaining('left behind') });
    expect(await keptRows(url)).toEqual(expect.arrayContaining(holder.acknowledged()));
  });

  it('together with PostgreSQL, the next start finds each acknowledged row', async () => {
    const dataDirectory = await temporaryDirectory();
    const holder = spawnHolder(dataDirectory, 'insert');
    const { clusterDirectory } = await holder.started();
    await until('rows are acknowledged', () => holder.acknowledged().length >= 50);
    const family = await familyOf(postmasterPid(clusterDirectory));
    for (const pid of [holder.pid, ...family]) {
      kill(pid);
    }
    const { url } = await start(dataDirectory);
    expect(await keptRows(url)).toEqual(expect.arrayContaining(holder.acknowledged()));
  });

  it('while it makes the database, nothing half made remains and the next start succeeds', async () => {
    const dataDirectory = await killedAtWork();
    const { url } = await start(dataDirectory);
    expect(unfinishedIn(dataDirectory)).toEqual([]);
    expect(await query(url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });
});
