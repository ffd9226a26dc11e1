import { lstat, mkdtemp, readFile, rename, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Account } from './account.ts';
import { DataDirectoryNotUsable } from './errors.ts';
import { ifPresent, makePrivateDirectory } from './files.ts';
import { canEnter } from './run.ts';

/** PostgreSQL names its socket after a port, also where it listens on none. */
export const SOCKET_NAME = '.s.PGSQL.5432';

/** The kernel's room for a socket's path, in bytes. */
const LONGEST_PATH = process.platform === 'darwin' ? 103 : 107;

/**
 * Makes the directory of the server's socket, which only the user that runs PostgreSQL (and root) can enter: who can enter it may
 * do anything with the database. It lies in the home where the path is short enough, otherwise in a temporary directory.
 *
 * @throws {DataDirectoryNotUsable} where there is no place for it
 */
export async function makeSocketDirectory(home: string, account: Account | undefined): Promise<string> {
  const inside = join(home, 'socket');
  if (fits(inside)) {
    await makePrivateDirectory(inside, account);
    return inside;
  }
  // The same one at the next start, so that none pile up.
  const note = join(home, 'socket-directory');
  const earlier = await ifPresent(readFile(note, 'utf8'));
  if (earlier !== undefined && (await isPrivateTo(earlier, account)) && (await canEnter(earlier, account))) {
    return earlier;
  }
  const made = await makeTemporaryDirectory(home, account);
  await writeFile(`${note}.new`, made, { mode: 0o600 });
  await rename(`${note}.new`, note);
  return made;
}

/** Where {@link makeSocketDirectory} made it; undefined where it has not. */
export async function findSocketDirectory(home: string): Promise<string | undefined> {
  const inside = join(home, 'socket');
  const directory = fits(inside) ? inside : await ifPresent(readFile(join(home, 'socket-directory'), 'utf8'));
  return directory !== undefined && (await ifPresent(lstat(directory)))?.isDirectory() ? directory : undefined;
}

function fits(directory: string): boolean {
  return Buffer.byteLength(join(directory, SOCKET_NAME)) <= LONGEST_PATH;
}

/** Its name can't be foreseen, so that no other user can have made it before us. */
async function makeTemporaryDirectory(home: string, account: Account | undefined): Promise<string> {
  for (const parent of new Set([tmpdir(), '/tmp'])) {
    if (fits(join(parent, 'certkeep-XXXXXX')) && (await canEnter(parent, account))) {
      const directory = await mkdtemp(join(parent, 'certkeep-'));
      await makePrivateDirectory(directory, account);
      return directory;
    }
  }
  throw new DataDirectoryNotUsable(
    home,
    'its path is too long for a socket, and so is that of the temporary directory',
  );
}

async function isPrivateTo(directory: string, account: Account | undefined): Promise<boolean> {
  const found = await ifPresent(lstat(directory));
  const uid = account?.uid ?? process.getuid?.();
  return found?.isDirectory() === true && found.uid === uid && (found.mode & 0o777) === 0o700;
}
