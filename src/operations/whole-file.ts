import { randomUUID } from 'node:crypto';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';

export interface WholeFileOptions {
  /** Whether it is on disk, and its name too, before this returns: a power cut takes neither away. */
  readonly durable: boolean;
  /** Gives the complete file its name; in place of whatever had it, unless it is given. */
  put?(unfinished: string, path: string): Promise<void>;
}

/** How the other name ends that a file has until it is whole. */
export const UNFINISHED = /\.[0-9a-f-]{36}\.unfinished$/;

/**
 * Writes a file of mode 0600 that is there as a whole or not at all. It has another name until then, which ends in `.unfinished`: who reads
 * its directory meanwhile sees the old file or the new one, and a link is not followed. Who is killed leaves that one behind.
 *
 * @param fill writes what is to stand in it
 * @throws what `fill`, `put` or the file system throws; then nothing is left
 */
export async function writeWholeFile<T>(
  path: string,
  fill: (file: FileHandle) => Promise<T>,
  { durable, put = rename }: WholeFileOptions,
): Promise<T> {
  const unfinished = `${path}.${randomUUID()}.unfinished`;
  try {
    const result = await writeTo(unfinished, fill, durable);
    await put(unfinished, path);
    if (durable) {
      await syncDirectory(dirname(path));
    }
    return result;
  } catch (error) {
    await rm(unfinished, { force: true });
    throw error;
  }
}

async function writeTo<T>(path: string, fill: (file: FileHandle) => Promise<T>, durable: boolean): Promise<T> {
  const file = await open(path, 'wx', 0o600);
  try {
    const result = await fill(file);
    if (durable) {
      await file.sync();
    }
    return result;
  } finally {
    await file.close();
  }
}

async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}
