import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { isAttended } from '../../src/database/embedded/earlier-server.ts';
import { attachEmbeddedPostgres } from '../../src/database/index.ts';
import { kill, query, spawnHolder, start, temporaryDirectory, until } from '../support/embedded-tools.ts';

describe('attaching to the PostgreSQL of another process', () => {
  test('finds it where its socket lies in the data directory, and where that one’s path is too long for it', async () => {
    const short = await temporaryDirectory();
    const long = join(await temporaryDirectory(), 'x'.repeat(100));
    await mkdir(long, { mode: 0o755 });
    for (const dataDirectory of [short, long]) {
      const holder = await spawnHolder(dataDirectory).started();
      const attached = await attachEmbeddedPostgres({ dataDirectory });
      expect(attached).toMatchObject(holder);
      await attached?.stop();
      expect(await query(attached?.url ?? '', 'SELECT current_database() AS name')).toEqual([{ name: 'certkeep' }]);
    }
  });

  test('waits for one that is about to be ready', async () => {
    const dataDirectory = await temporaryDirectory();
    const holder = spawnHolder(dataDirectory);
    await until('there is a process', () => isAttended(join(dataDirectory, 'postgres')));
    expect(await attachEmbeddedPostgres({ dataDirectory })).toMatchObject(await holder.started());
  });

  test('finds none where none was ever made, and makes nothing', async () => {
    const dataDirectory = join(await temporaryDirectory(), 'none');
    expect(await attachEmbeddedPostgres({ dataDirectory })).toBeUndefined();
    expect(existsSync(dataDirectory)).toBe(false);
  });

  test('finds none where it was stopped, nor where its Certkeep was killed', async () => {
    const dataDirectory = await temporaryDirectory();
    const embedded = await start(dataDirectory);
    expect(await attachEmbeddedPostgres({ dataDirectory })).toMatchObject({ url: embedded.url });
    await embedded.stop();
    expect(await attachEmbeddedPostgres({ dataDirectory })).toBeUndefined();

    const holder = spawnHolder(dataDirectory);
    await holder.started();
    kill(holder.pid);
    await until('it is abandoned', async () => (await attachEmbeddedPostgres({ dataDirectory })) === undefined);
  });
});
