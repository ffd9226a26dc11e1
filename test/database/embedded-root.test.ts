import { execFileSync, spawnSync } from 'node:child_process';
import { chownSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { chmod, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { findPackage } from '../../src/database/embedded/binaries.ts';
import { startEmbeddedPostgres } from '../../src/database/embedded/index.ts';
import { prepareBinaries } from '../../src/database/embedded/prepare-binaries.ts';
import {
  databaseNotices,
  postmasterPid,
  query,
  recordingLog,
  start,
  temporaryDirectory,
} from '../support/embedded-tools.ts';

/** A user other than nobody who is on every system. */
const OTHER = { name: 'daemon', uid: 1, gid: 1 };

async function closedDirectory() {
  const systemDirectory = join(await temporaryDirectory(), 'certkeep');
  const parent = await temporaryDirectory(0o700);
  return { systemDirectory, dataDirectory: join(parent, 'data') };
}

describe.runIf(process.getuid?.() === 0)('as root', () => {
  it('PostgreSQL runs as nobody, without our groups, in a data directory of ours', async () => {
    const dataDirectory = join(await temporaryDirectory(), 'data');
    const { clusterDirectory } = await start(dataDirectory);
    const nobody = Number(execFileSync('id', ['-u', 'nobody'], { encoding: 'utf8' }));
    expect(statSync(clusterDirectory).uid).toBe(nobody);
    expect(statSync(dataDirectory)).toMatchObject({ uid: 0 });
    expect(statSync(dataDirectory).mode & 0o777).toBe(0o711);
    if (process.platform === 'linux') {
      const status = readFileSync(`/proc/${postmasterPid(clusterDirectory)}/status`, 'utf8');
      expect(status).toMatch(new RegExp(`^Uid:(\\s+${nobody}){4}$`, 'm'));
      expect(status).toMatch(/^Groups:\s*$/m);
      expect(status).toMatch(/^CapEff:\s+0+$/m);
    }
  });

  it('no other user can connect', async () => {
    const { url } = await start(await temporaryDirectory());
    const socket = join(decodeURIComponent(new URL(url).searchParams.get('host') ?? ''), '.s.PGSQL.5432');
    const attempt = `require('net').connect(process.argv[1]).on('connect', () => process.exit(0)).on('error', (e) => { console.log(e.code); process.exit(1); })`;
    const options = { cwd: '/', encoding: 'utf8' } as const;
    expect(spawnSync(process.execPath, ['-e', attempt, socket], options).status).toBe(0);
    const other = spawnSync(process.execPath, ['-e', attempt, socket], { ...options, uid: OTHER.uid, gid: OTHER.gid });
    expect(other.stdout.trim()).toBe('EACCES');
  });

  it('data go to the system directory where nobody can not enter, and the second start finds them', async () => {
    const { dataDirectory, systemDirectory } = await closedDirectory();
    const first = await start(dataDirectory, { systemDirectory });
    const id = readFileSync(join(dataDirectory, 'instance-id'), 'utf8').trim();
    expect(first.clusterDirectory).toBe(join(systemDirectory, id, 'postgres'));
    expect(databaseNotices(first)).toEqual([expect.stringMatching(/kept in .*, because nobody, .* can't enter/)]);
    await query(first.url, 'CREATE TABLE kept AS SELECT 1 AS number');
    await first.stop();
    const second = await start(dataDirectory, { systemDirectory });
    expect(second.url).toBe(first.url);
    expect(databaseNotices(second)).toEqual(databaseNotices(first));
    expect(await query(second.url, 'SELECT number FROM kept')).toEqual([{ number: 1 }]);
  });

  it('such data are not forgotten when the way is opened later', async () => {
    const { dataDirectory, systemDirectory } = await closedDirectory();
    const first = await start(dataDirectory, { systemDirectory });
    await first.stop();
    await chmod(join(dataDirectory, '..'), 0o755);
    const second = await start(dataDirectory, { systemDirectory });
    expect(second.clusterDirectory).toBe(first.clusterDirectory);
    expect(databaseNotices(second)).toEqual([expect.stringContaining('could not enter')]);
  });

  it('a new data directory at the same path does not inherit them', async () => {
    const { dataDirectory, systemDirectory } = await closedDirectory();
    const first = await start(dataDirectory, { systemDirectory });
    await first.stop();
    await rm(dataDirectory, { recursive: true });
    const second = await start(dataDirectory, { systemDirectory });
    expect(second.clusterDirectory).not.toBe(first.clusterDirectory);
  });

  it('data inside a directory that was closed since are not passed over for an empty database', async () => {
    const { dataDirectory, systemDirectory } = await closedDirectory();
    const parent = join(dataDirectory, '..');
    await chmod(parent, 0o755);
    const first = await start(dataDirectory, { systemDirectory });
    await query(first.url, 'CREATE TABLE kept AS SELECT 1 AS number');
    await first.stop();
    await chmod(parent, 0o700);
    const refused = await start(dataDirectory, { systemDirectory }).catch((error: Error & { code: string }) => error);
    expect(refused).toMatchObject({ code: 'DATA_DIRECTORY_NOT_USABLE' });
    const way = /mkdir -p .*$/.exec((refused as Error).message)?.[0] ?? '';
    execFileSync('/bin/sh', ['-c', way]);
    const second = await start(dataDirectory, { systemDirectory });
    expect(await query(second.url, 'SELECT number FROM kept')).toEqual([{ number: 1 }]);
  });

  it('an instance id that is none is refused', async () => {
    const { dataDirectory, systemDirectory } = await closedDirectory();
    await mkdir(dataDirectory);
    await writeFile(join(dataDirectory, 'instance-id'), '../../etc\n');
    const starting = start(dataDirectory, { systemDirectory });
    await expect(starting).rejects.toMatchObject({ code: 'DATA_DIRECTORY_NOT_USABLE' });
  });

  it('a database of an ordinary user is served as that user', async () => {
    const dataDirectory = join(await temporaryDirectory(), 'data');
    const first = await start(dataDirectory);
    await query(first.url, 'CREATE TABLE kept AS SELECT 1 AS number');
    await first.stop();
    execFileSync('chown', ['-R', `${OTHER.uid}:${OTHER.gid}`, dataDirectory]);
    await chmod(dataDirectory, 0o700);
    const second = await start(dataDirectory);
    expect(await query(second.url, 'SELECT number FROM kept')).toEqual([{ number: 1 }]);
    expect(statSync(join(second.clusterDirectory, 'postmaster.pid')).uid).toBe(OTHER.uid);
  });

  it.each([
    ['root', 0, 'DATA_DIRECTORY_NOT_USABLE'],
    ['a user without an entry', 54_321, 'NO_UNPRIVILEGED_USER'],
  ])('a database of %s is refused', async (_who, uid, code) => {
    const dataDirectory = await temporaryDirectory();
    await mkdir(join(dataDirectory, 'postgres'));
    chownSync(join(dataDirectory, 'postgres'), uid, uid);
    await expect(start(dataDirectory)).rejects.toMatchObject({ code });
  });

  it("PostgreSQL's programs are copied once where nobody can not run them, whatever their modes were", async () => {
    const source = join(await temporaryDirectory(0o700), 'native');
    const copies = await temporaryDirectory();
    execFileSync('cp', ['-R', findPackage().directory, source]);
    execFileSync('chmod', ['-R', 'go=', source]);
    const found = { directory: source, version: '18.0.0' };
    const account = { name: 'nobody', uid: 65_534, gid: 65_534 };
    // What a killed copier left.
    await mkdir(join(copies, 'postgresql-18.0.0.new-4194304-0123456789ab-1'));
    const prepared = await Promise.all([1, 2].map(() => prepareBinaries(found, account, copies)));
    for (const { directory, major, notice } of prepared) {
      expect(directory).toBe(join(copies, 'postgresql-18.0.0'));
      expect(major).toBe('18');
      expect(notice).toMatch(/were copied .* because nobody can't run them there/);
    }
    expect(readdirSync(copies)).toEqual(['postgresql-18.0.0']);
    const before = statSync(join(copies, 'postgresql-18.0.0')).ino;
    await prepareBinaries(found, account, copies);
    expect(statSync(join(copies, 'postgresql-18.0.0')).ino).toBe(before);
  });

  it('a copy of the programs that is not ours is not run', async () => {
    const source = join(await temporaryDirectory(0o700), 'native');
    const copies = await temporaryDirectory();
    await mkdir(source);
    await mkdir(join(copies, 'postgresql-18.0.0'));
    chownSync(join(copies, 'postgresql-18.0.0'), OTHER.uid, OTHER.gid);
    const preparing = prepareBinaries({ directory: source, version: '18.0.0' }, OTHER, copies);
    await expect(preparing).rejects.toMatchObject({ code: 'DATA_DIRECTORY_NOT_USABLE' });
  });

  it('an ordinary user is told whose database it is', async () => {
    const dataDirectory = join(await temporaryDirectory(), 'data');
    await (await start(dataDirectory)).stop();
    const getuid = vi.spyOn(process, 'getuid').mockReturnValue(OTHER.uid);
    process.seteuid?.(OTHER.uid);
    try {
      const { log } = recordingLog();
      await expect(startEmbeddedPostgres({ dataDirectory, log })).rejects.toMatchObject({
        code: 'DATA_DIRECTORY_NOT_USABLE',
        message: expect.stringContaining('belongs to nobody'),
      });
    } finally {
      process.seteuid?.(0);
      getuid.mockRestore();
    }
  });
});
