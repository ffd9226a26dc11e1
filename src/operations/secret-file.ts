import { readFile } from 'node:fs/promises';
import { writeWholeFile } from './whole-file.ts';

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
  await writeWholeFile(path, (file) => file.writeFile(`${secret}\n`), { durable: true });
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
