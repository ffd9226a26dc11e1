import { constants } from 'node:fs';
import { type FileHandle, lstat, mkdir, open, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Account } from './account.ts';
import { DataDirectoryNotUsable } from './errors.ts';

/** The code of a failed system call, such as ENOENT. */
export function errorCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/** Waits for something that may be absent: undefined where the file is not there. */
export async function ifPresent<T>(attempt: Promise<T>): Promise<T | undefined> {
  try {
    return await attempt;
  } catch (error) {
    if (errorCode(error) === 'ENOENT' || errorCode(error) === 'ENOTDIR') {
      return undefined;
    }
    throw error;
  }
}

/**
 * Makes a directory and its parents; its mode does not depend on the umask. One that is there stays as it is.
 *
 * @throws {DataDirectoryNotUsable} where it can't be made, or is no directory
 */
export async function makeDirectory(directory: string, mode: number): Promise<void> {
  try {
    if (await makeWithParents(directory)) {
      await withDirectory(directory, (handle) => handle.chmod(mode));
    }
  } catch (error) {
    throw new DataDirectoryNotUsable(directory, `it can't be made (${errorCode(error) ?? 'unknown error'})`, error);
  }
}

/**
 * Not `mkdir`'s own recursion, which never ends where a parent neither is nor can be made (below /proc, say).
 *
 * @returns whether it was made just now
 */
async function makeWithParents(directory: string): Promise<boolean> {
  try {
    await mkdir(directory);
    return true;
  } catch (error) {
    if (errorCode(error) === 'EEXIST' && (await stat(directory)).isDirectory()) {
      return false;
    }
    if (errorCode(error) !== 'ENOENT' || dirname(directory) === directory) {
      throw error;
    }
    await makeWithParents(dirname(directory));
    await mkdir(directory);
    return true;
  }
}

/**
 * Makes a directory that only one user can enter, or takes the one that is there and makes it so.
 *
 * @param account the user; ourselves if undefined
 * @throws {DataDirectoryNotUsable} where something else is in its place, or it can't be given to that user
 */
export async function makePrivateDirectory(directory: string, account: Account | undefined): Promise<void> {
  try {
    await mkdir(directory, { mode: 0o700 }).catch((error: unknown) => {
      if (errorCode(error) !== 'EEXIST') {
        throw error;
      }
    });
    // By its descriptor: a name could be exchanged for a link between the check and the change.
    await withDirectory(directory, async (handle) => {
      if (account !== undefined) {
        await handle.chown(account.uid, account.gid);
      }
      await handle.chmod(0o700);
    });
  } catch (error) {
    const reason = `it can't be made private to ${account?.name ?? 'us'} (${errorCode(error) ?? 'unknown error'})`;
    throw new DataDirectoryNotUsable(directory, reason, error);
  }
}

/** The owner of whatever lies at a path; a symbolic link is not followed. Undefined where nothing does. */
export async function ownerOf(path: string): Promise<number | undefined> {
  return (await ifPresent(lstat(path)))?.uid;
}

/** Makes a change of names inside a directory outlive a power cut. */
export async function syncDirectory(directory: string): Promise<void> {
  await withDirectory(directory, (handle) => handle.sync());
}

async function withDirectory(directory: string, use: (handle: FileHandle) => Promise<void>): Promise<void> {
  const handle = await open(directory, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
  try {
    await use(handle);
  } finally {
    await handle.close();
  }
}
