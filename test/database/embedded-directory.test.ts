import { spawn } from 'node:child_process';
import { chownSync, existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { chmod, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { makeWhole, removeLeftovers } from '../../src/database/embedded/making.ts';
import {
  isRunning,
  kill,
  parentOf,
  postmasterPid,
  programOf,
  query,
  recordingLog,
  spawnHolder,
  start,
  temporaryDirectory,
  until,
  untilEnded,
} from '../support/embedded-tools.ts';

/** Runs a program as the owner of a file; it is killed after the test. */
function spawnAsOwner(file: string, program: string, ...parameters: string[]): number {
  const { uid, gid } = statSync(file);
  const child = spawn(program, parameters, { uid, gid, cwd: '/', stdio: 'ignore' });
  onTestFinished(() => void child.kill('SIGKILL'));
  return child.pid as number;
}

/** A data directory that was used and whose server has ended. */
async function usedDirectory() {
  const dataDirectory = await temporaryDirectory();
  const embedded = await start(dataDirectory);
  await query(embedded.url, 'CREATE TABLE kept AS SELECT 1 AS number');
  await embedded.stop();
  return { dataDirectory, cluster: embedded.clusterDirectory };
}

describe('two servers on one data directory', () => {
  it('the second is refused and the first keeps serving', async () => {
    const dataDirectory = await temporaryDirectory();
    const holder = spawnHolder(dataDirectory);
    const { url, clusterDirectory } = await holder.started();
    const server = postmasterPid(clusterDirectory);
    await expect(start(dataDirectory)).rejects.toMatchObject({
      code: 'DATA_DIRECTORY_IN_USE',
      message: expect.stringContaining(`process ${server}`),
    });
    expect(postmasterPid(clusterDirectory)).toBe(server);
    expect(await query(url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });

  it('of three that begin at once in an empty directory, one serves', async () => {
    const dataDirectory = await temporaryDirectory();
    const outcomes = await Promise.allSettled([start(dataDirectory), start(dataDirectory), start(dataDirectory)]);
    const [served, ...more] = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
    expect(more).toEqual([]);
    expect(outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason.code] : []))).toEqual([
      'DATA_DIRECTORY_IN_USE',
      'DATA_DIRECTORY_IN_USE',
    ]);
    expect(await query(served?.url ?? '', 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    expect(readdirSync(dataDirectory).sort()).toEqual(['postgres', 'socket']);
  });

  it('one that was started by hand is left alone', async () => {
    const { dataDirectory, cluster } = await usedDirectory();
    const pid = spawnAsOwner(cluster, programOf(cluster), '-D', cluster, '-k', join(dataDirectory, 'socket'), '-h', '');
    await until('it runs', () => postmasterPid(cluster) === pid);
    await expect(start(dataDirectory)).rejects.toMatchObject({ code: 'DATA_DIRECTORY_IN_USE' });
    expect(await isRunning(pid)).toBe(true);
    process.kill(pid, 'SIGINT');
    await untilEnded([pid]);
  });

  it('one that only its socket shows, such as one in another container, is left alone', async () => {
    const dataDirectory = await temporaryDirectory();
    const { url, clusterDirectory } = await spawnHolder(dataDirectory).started();
    const pidFile = join(clusterDirectory, 'postmaster.pid');
    const content = readFileSync(pidFile);
    // A pid that is none here: the other container's pids are not ours.
    await writeFile(pidFile, String(content).replace(/^\d+/, '4194304'));
    await expect(start(dataDirectory)).rejects.toMatchObject({ code: 'DATA_DIRECTORY_IN_USE' });
    await writeFile(pidFile, content);
    expect(await query(url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });
});

describe('what a killed server left behind is no obstacle', () => {
  it.each(['dead', 'reused', 'empty'] as const)('a pid file whose pid is %s', async (kind) => {
    const { dataDirectory, cluster } = await usedDirectory();
    const stranger = spawnAsOwner(cluster, '/bin/sleep', '600');
    const pid = { dead: '4194304', reused: String(stranger), empty: undefined }[kind];
    const content = pid === undefined ? '' : `${pid}\n${cluster}\n1\n5432\n${dataDirectory}/socket\n\n1 1\nready   \n`;
    await writeFile(join(cluster, 'postmaster.pid'), content);
    await writeFile(join(dataDirectory, 'socket', '.s.PGSQL.5432.lock'), content);
    const { url } = await start(dataDirectory);
    expect(await query(url, 'SELECT number FROM kept')).toEqual([{ number: 1 }]);
    expect(await isRunning(stranger)).toBe(true);
  });

  it('a half made directory, also of one that had the pid of a process of today', async () => {
    const dataDirectory = await temporaryDirectory();
    await mkdir(join(dataDirectory, 'postgres.new-4194304-0123456789ab-1', 'base'), { recursive: true });
    await mkdir(join(dataDirectory, `postgres.new-${process.pid}-0123456789ab-2`));
    await start(dataDirectory);
    expect(readdirSync(dataDirectory).sort()).toEqual(['postgres', 'socket']);
  });

  it('but a directory that somebody is making just now stays', async () => {
    const target = join(await temporaryDirectory(), 'made');
    await makeWhole(target, async (unfinished) => {
      await mkdir(unfinished);
      await removeLeftovers(target);
      expect(existsSync(unfinished)).toBe(true);
    });
    expect(existsSync(target)).toBe(true);
  });
});

describe('a directory that we can not use is refused', () => {
  it('data of another major version, with the way to carry them over', async () => {
    const { dataDirectory, cluster } = await usedDirectory();
    await writeFile(join(cluster, 'PG_VERSION'), '17\n');
    await expect(start(dataDirectory)).rejects.toMatchObject({
      code: 'WRONG_MAJOR_VERSION',
      message: expect.stringMatching(/PostgreSQL 17; .* brings PostgreSQL 18.*pg_dump.*pg_restore/s),
    });
    expect(readFileSync(join(cluster, 'PG_VERSION'), 'utf8')).toBe('17\n');
  });

  it('files of something else in the place of ours, which stay', async () => {
    const dataDirectory = await temporaryDirectory();
    await mkdir(join(dataDirectory, 'postgres'));
    const file = join(dataDirectory, 'postgres', 'letter.txt');
    await writeFile(file, 'dear all');
    const { uid } = statSync(dataDirectory);
    if (uid === 0) {
      chownSync(join(dataDirectory, 'postgres'), 65534, 65534);
    }
    await expect(start(dataDirectory)).rejects.toMatchObject({ code: 'DATA_DIRECTORY_NOT_USABLE' });
    expect(existsSync(file)).toBe(true);
  });

  it('a file in the place of the directory', async () => {
    const file = join(await temporaryDirectory(), 'data');
    await writeFile(file, '');
    await expect(start(file)).rejects.toMatchObject({ code: 'DATA_DIRECTORY_NOT_USABLE' });
  });

  it('broken data, with what PostgreSQL says', async () => {
    const { dataDirectory, cluster } = await usedDirectory();
    await rm(join(cluster, 'global', 'pg_control'));
    await expect(start(dataDirectory)).rejects.toMatchObject({
      code: 'POSTGRES_FAILED_TO_START',
      message: expect.stringContaining('pg_control'),
    });
  });
});

describe('a data directory whose path is too long for a socket', () => {
  it('gets its socket in a private temporary directory, the same one at each start', async () => {
    const dataDirectory = join(await temporaryDirectory(), 'a-rather-long-name-'.repeat(6), 'data');
    const first = await start(dataDirectory);
    const socketDirectory = decodeURIComponent(new URL(first.url).searchParams.get('host') ?? '');
    onTestFinished(() => rm(socketDirectory, { recursive: true, force: true }));
    expect(Buffer.byteLength(`${socketDirectory}/.s.PGSQL.5432`)).toBeLessThanOrEqual(103);
    expect(statSync(socketDirectory).mode & 0o777).toBe(0o700);
    expect(statSync(socketDirectory).uid).toBe(statSync(first.clusterDirectory).uid);
    expect(await query(first.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    await first.stop();
    expect((await start(dataDirectory)).url).toBe(first.url);
  });

  it('gets a new one where the old one is gone or open to others', async () => {
    const dataDirectory = join(await temporaryDirectory(), 'a-rather-long-name-'.repeat(6), 'data');
    const urls = new Set<string>();
    for (let round = 0; round < 2; round++) {
      const embedded = await start(dataDirectory);
      urls.add(embedded.url);
      await embedded.stop();
      const socketDirectory = decodeURIComponent(new URL(embedded.url).searchParams.get('host') ?? '');
      await rm(socketDirectory, { recursive: true });
      await mkdir(socketDirectory);
      const { uid, gid } = statSync(embedded.clusterDirectory);
      chownSync(socketDirectory, uid, gid);
      await chmod(socketDirectory, 0o755);
      onTestFinished(() => rm(socketDirectory, { recursive: true, force: true }));
    }
    expect(urls.size).toBe(2);
  });
});

it('an orphan that belongs to another data directory is not touched', async () => {
  const [one, other] = [await temporaryDirectory(), await temporaryDirectory()];
  const holder = spawnHolder(one);
  const { clusterDirectory } = await holder.started();
  const orphan = postmasterPid(clusterDirectory);
  const shell = await parentOf(orphan);
  process.kill(shell, 'SIGKILL');
  process.kill(holder.pid, 'SIGKILL');
  onTestFinished(() => kill(orphan));
  const { clusterDirectory: otherCluster, stop } = await start(other);
  await stop();
  // The pid of that orphan in the pid file of a directory that it does not serve.
  await writeFile(join(otherCluster, 'postmaster.pid'), `${orphan}\n`);
  const { entries, log } = recordingLog();
  await start(other, { log });
  expect(await isRunning(orphan)).toBe(true);
  expect(entries).toEqual([]);
});
