import { randomUUID } from 'node:crypto';
import { open, readFile, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * Reads a secret from a file, or makes it and the file, of mode 0600.
 *
 * The file is on disk before this returns: what is sealed with a key that a power cut takes away is lost.
 *
 * @param make gives the secret that a missing file shall hold
 */
export async function obtainSecretFile(path: string, make: () => string): Promise<string> {
  const stored = await readSecretFile(path);
  if (stored !== undefined) {
    return stored;
  }
  const secret = make();
  await writeDurably(path, `${secret}\n`);
  return secret;
}

/** The secret that a file holds; undefined where there is no such file. */
export async function readSecretFile(path: string): Promise<string | undefined> {
  try {
    return (await readFile(path, 'utf8')).trim();
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') {
      return undefined;
    }
    throw error;
  }
}

async function writeDurably(path: string, content: string): Promise<void> {
  const unfinished = `${path}.${randomUUID()}`;
  try {
    const file = await open(unfinished, 'wx', 0o600);
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(unfinished, path);
  } catch (error) {
    await rm(unfinished, { force: true });
    throw error;
  }
  const directory = await open(dirname(path), 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}
