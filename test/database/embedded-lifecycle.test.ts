import { existsSync, statSync } from 'node:fs';
import { rename, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  databaseNotices,
  familyOf,
  isRunning,
  postmasterPid,
  query,
  recordingLog,
  start,
  temporaryDirectory,
  until,
} from '../support/embedded-tools.ts';

describe('the embedded PostgreSQL', () => {
  it('starts in an empty directory, with a database of its own and nothing to tell', async () => {
    const dataDirectory = join(await temporaryDirectory(), 'not', 'there', 'yet');
    const embedded = await start(dataDirectory);
    const [row] = await query<{ database: string; name: string }>(
      embedded.url,
      'SELECT current_database() AS database, current_user AS name',
    );
    expect(row).toEqual({ database: 'certkeep', name: 'postgres' });
    expect(embedded.clusterDirectory).toBe(join(dataDirectory, 'postgres'));
    expect(databaseNotices(embedded)).toEqual([]);
  });

  it('finds its data again at the second start, under the same url', async () => {
    const dataDirectory = await temporaryDirectory();
    const first = await start(dataDirectory);
    await query(first.url, 'CREATE TABLE kept AS SELECT 42 AS answer');
    await first.stop();
    const second = await start(dataDirectory);
    expect(second.url).toBe(first.url);
    expect(await query(second.url, 'SELECT answer FROM kept')).toEqual([{ answer: 42 }]);
  });

  it('takes any name of a directory, and a link to one', async () => {
    const parent = await temporaryDirectory();
    const dataDirectory = join(parent, `it's "my", 100% $HOME — data`);
    const first = await start(dataDirectory);
    await query(first.url, 'CREATE TABLE kept AS SELECT 1 AS number');
    await first.stop();
    const elsewhere = join(parent, 'another disk');
    await rename(first.clusterDirectory, elsewhere);
    await symlink(elsewhere, first.clusterDirectory);
    const link = join(parent, 'link');
    await symlink(dataDirectory, link);
    const second = await start(link);
    expect(await query(second.url, 'SELECT number FROM kept')).toEqual([{ number: 1 }]);
    expect(second.clusterDirectory).toBe(elsewhere);
    await expect(start(dataDirectory)).rejects.toMatchObject({
      code: 'DATA_DIRECTORY_IN_USE',
      message: expect.stringContaining(`process ${postmasterPid(elsewhere)}`),
    });
  });

  it('leaves no process behind when it is stopped, and may be stopped twice', async () => {
    const { entries, log } = recordingLog();
    const embedded = await start(await temporaryDirectory(), { log });
    const family = await familyOf(postmasterPid(embedded.clusterDirectory));
    expect(family.length).toBeGreaterThan(4);
    await Promise.all([embedded.stop(), embedded.stop()]);
    expect(existsSync(join(embedded.clusterDirectory, 'postmaster.pid'))).toBe(false);
    expect(await Promise.all(family.map(isRunning))).not.toContain(true);
    await embedded.stop();
    expect(entries).toEqual([]);
  });

  it('keeps what makes an acknowledged write safe, and listens on no port', async () => {
    const { url } = await start(await temporaryDirectory());
    const rows = await query(
      url,
      `SELECT name, setting FROM pg_settings WHERE name IN
        ('fsync', 'full_page_writes', 'synchronous_commit', 'data_checksums', 'listen_addresses', 'TimeZone', 'server_encoding')`,
    );
    expect(Object.fromEntries(rows.map((row) => [row['name'], row['setting']]))).toEqual({
      fsync: 'on',
      full_page_writes: 'on',
      synchronous_commit: 'on',
      data_checksums: 'on',
      listen_addresses: '',
      TimeZone: 'UTC',
      server_encoding: 'UTF8',
    });
  });

  it('orders by code point and knows the case of all letters, whatever the locale of the system', async () => {
    const { url } = await start(await temporaryDirectory());
    const [row] = await query(
      url,
      `SELECT upper('é') AS upper, 'É' ILIKE 'é' AS alike, array(SELECT w FROM unnest(ARRAY['b', 'a', 'B', 'é']) w ORDER BY w) AS words`,
    );
    expect(row).toEqual({ upper: 'É', alike: true, words: ['B', 'a', 'b', 'é'] });
  });

  it('closes its socket and its data to all other users', async () => {
    const { url, clusterDirectory } = await start(await temporaryDirectory());
    const socketDirectory = decodeURIComponent(new URL(url).searchParams.get('host') ?? '');
    const { uid } = statSync(clusterDirectory);
    for (const directory of [clusterDirectory, socketDirectory]) {
      expect(statSync(directory)).toMatchObject({ uid });
      expect(statSync(directory).mode & 0o777).toBe(0o700);
    }
    expect(statSync(join(socketDirectory, '.s.PGSQL.5432')).mode & 0o777).toBe(0o700);
    expect(uid).not.toBe(0);
  });

  it('takes nothing from PG… variables of our environment', async () => {
    const before = { ...process.env };
    Object.assign(process.env, {
      PGPORT: '1',
      PGSSLMODE: 'require',
      PGDATABASE: 'other',
      PGHOST: 'nowhere',
      PGUSER: 'x',
    });
    try {
      const { url } = await start(await temporaryDirectory());
      expect(await query(url, 'SELECT current_database() AS name')).toEqual([{ name: 'certkeep' }]);
    } finally {
      for (const name of ['PGPORT', 'PGSSLMODE', 'PGDATABASE', 'PGHOST', 'PGUSER']) {
        delete process.env[name];
      }
      Object.assign(process.env, before);
    }
  });

  it('ends what it began when the start is aborted, whenever that is', async () => {
    const dataDirectory = await temporaryDirectory();
    const begin = performance.now();
    await (await start(dataDirectory)).stop();
    const whole = performance.now() - begin;
    for (let part = 0; part < 1; part += 0.1) {
      const signal = AbortSignal.timeout(Math.round((whole * part) / 4));
      // It may be quicker than the signal.
      await start(dataDirectory, { signal }).then(
        (embedded) => embedded.stop(),
        () => {},
      );
      const pidFile = join(dataDirectory, 'postgres', 'postmaster.pid');
      expect(existsSync(pidFile) && (await isRunning(postmasterPid(join(dataDirectory, 'postgres'))))).toBe(false);
    }
  });

  it('hands the warnings of PostgreSQL to our log, and keeps the errors of a statement to its client', async () => {
    const { entries, log } = recordingLog();
    const { url } = await start(await temporaryDirectory(), { log });
    await query(url, `DO $$ BEGIN RAISE WARNING 'mind this'; END $$`);
    await expect(query(url, `SELECT 'secret'::integer`)).rejects.toThrow();
    await until('its warning came', () => entries.length > 0);
    expect(entries).toContainEqual({ level: 'warn', message: 'PostgreSQL: mind this' });
    expect(JSON.stringify(entries)).not.toContain('secret');
  });
});
