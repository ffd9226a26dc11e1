import { mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { writeNewFile } from '../../../src/operations/backup/new-file.ts';

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'certkeep-new-file-'));
});
afterAll(() => rm(directory, { recursive: true }));

const write = (path: string, text: string, replaces = false) =>
  writeNewFile(path, (file) => pipeline([text], file), { replaces });

test('of many that write one new file at once, one does and the others are refused', async () => {
  const path = join(directory, 'contended');
  const texts = Array.from({ length: 8 }, (_, number) => `text ${number}`);
  const results = await Promise.allSettled(texts.map((text) => write(path, text)));

  const written = texts.filter((_, index) => results[index]?.status === 'fulfilled');
  expect(written).toEqual([await readFile(path, 'utf8')]);
  for (const result of results.filter(({ status }) => status === 'rejected')) {
    expect(result).toMatchObject({ reason: { code: 'FILE_EXISTS' } });
  }
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  expect(await readdir(directory)).toEqual(['contended']);
  await rm(path);
});

test('a link that leads nowhere is a file that is there, and is not followed', async () => {
  const [path, elsewhere] = [join(directory, 'link'), join(directory, 'elsewhere')];
  await symlink(elsewhere, path);

  await expect(write(path, 'new')).rejects.toMatchObject({ code: 'FILE_EXISTS' });
  await write(path, 'new', true);
  expect(await readdir(directory)).toEqual(['link']);
  await rm(path);
});

test('a place where no file can be is told of as that', async () => {
  const file = join(directory, 'file');
  await writeFile(file, '');
  await expect(write(join(file, 'below'), 'new')).rejects.toMatchObject({ code: 'FILE_UNWRITABLE' });
});
