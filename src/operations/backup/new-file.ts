import { type FileHandle, link, lstat, rename, rm } from 'node:fs/promises';
import { Writable } from 'node:stream';
import { writeWholeFile } from '../whole-file.ts';
import { BackupError } from './errors.ts';

/**
 * Writes a file of mode 0600 that is there as a whole and on disk, or not at all. Who is killed meanwhile leaves a file of another name,
 * which ends in `.unfinished`.
 *
 * @param fill writes what is to stand in it, and ends it
 * @param replaces whether a file of that name may be there, which this one takes the place of
 * @throws {BackupError} FILE_EXISTS, FILE_UNWRITABLE
 */
export async function writeNewFile<T>(
  path: string,
  fill: (file: Writable) => Promise<T>,
  { replaces }: { readonly replaces: boolean },
): Promise<T> {
  await requireFree(path, replaces);
  const put = replaces ? rename : putInPlace;
  try {
    return await writeWholeFile(path, (file) => fill(streamInto(file)), { durable: true, put });
  } catch (error) {
    throw isAbout(error, 'open') ? new BackupError('FILE_UNWRITABLE', error.message, error) : error;
  }
}

/** Of two that write the same new file at once, one is refused. */
async function putInPlace(unfinished: string, path: string): Promise<void> {
  try {
    await link(unfinished, path);
  } catch (error) {
    await requireFree(path);
    // A file system without links to files.
    if (!['EPERM', 'ENOTSUP', 'ENOSYS'].includes(codeOf(error) ?? '')) {
      throw error;
    }
    await rename(unfinished, path);
    return;
  }
  await rm(unfinished);
}

/** Node's own stream closes the file, and then it can't be synced. */
function streamInto(file: FileHandle): Writable {
  return new Writable({
    write(piece: Buffer, _encoding, done) {
      file.appendFile(piece).then(() => done(), done);
    },
  });
}

/** @throws {BackupError} FILE_EXISTS */
export async function requireFree(path: string, replaces = false): Promise<void> {
  if (!replaces && (await exists(path))) {
    throw new BackupError('FILE_EXISTS', path);
  }
}

/** @throws {BackupError} FILE_UNWRITABLE where that can't be known */
async function exists(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') {
      return false;
    }
    throw new BackupError('FILE_UNWRITABLE', error instanceof Error ? error.message : path, error);
  }
}

function isAbout(error: unknown, systemCall: string): error is Error {
  return error instanceof Error && 'syscall' in error && error.syscall === systemCall;
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error ? String(error.code) : undefined;
}
