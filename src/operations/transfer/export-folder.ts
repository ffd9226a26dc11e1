import { type FileHandle, lstat, mkdir, open, readdir, rm, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Placement } from '../../keypairs/index.ts';
import { errorCodeOf } from '../discovery/refused-file.ts';
import { UNFINISHED, writeWholeFile } from '../whole-file.ts';
import { CERTIFICATE_FILE, headerLine, MANIFEST, PKCS12_FILE, PRIVATE_KEY_FILE } from './manifest.ts';
import { TransferFailed, TransferRefused } from './refusal.ts';

/** Nobody else reads keys, whatever the umask. */
const FILE_MODE = 0o600;
const FOLDER_MODE = 0o700;

export type PairFile = typeof CERTIFICATE_FILE | typeof PRIVATE_KEY_FILE | typeof PKCS12_FILE;

const PAIR_FILES: readonly PairFile[] = [CERTIFICATE_FILE, PRIVATE_KEY_FILE, PKCS12_FILE];

/**
 * Begins the directory of an export, made where it is missing, and its manifest. Of what stands in it already, nothing is written over
 * unless `force`.
 *
 * @returns the manifest behind its header, for the caller to write and to close
 * @throws {TransferFailed} DIRECTORY_IN_USE where it holds an export, DIRECTORY_UNUSABLE
 */
export async function beginExport(directory: string, placement: Placement, force: boolean): Promise<FileHandle> {
  const path = join(directory, MANIFEST);
  try {
    await mkdir(directory, { recursive: true, mode: FOLDER_MODE });
    if (force) {
      await rm(path, { force: true });
    }
  } catch (error) {
    throw unusable(directory, error);
  }
  try {
    const manifest = await open(path, 'wx', FILE_MODE);
    await manifest.write(headerLine(placement));
    return manifest;
  } catch (error) {
    throw errorCodeOf(error) === 'EEXIST'
      ? new TransferFailed('DIRECTORY_IN_USE', `${path} is there already: give another directory, or --force`, error)
      : unusable(directory, error);
  }
}

/**
 * Makes the folder of a pair, before its texts are looked at.
 *
 * @throws {TransferRefused} FOLDER_EXISTS: something is there, and not to be written over, or no folder of its own
 * @throws {TransferFailed} UNWRITABLE
 */
export async function claimFolder(folder: string, force: boolean): Promise<void> {
  try {
    await mkdir(folder, { mode: FOLDER_MODE });
  } catch (error) {
    if (errorCodeOf(error) !== 'EEXIST') {
      throw unwritable(folder, error);
    }
    // A link could lead out of the directory.
    if (!force || !(await lstat(folder)).isDirectory()) {
      throw new TransferRefused('FOLDER_EXISTS', `${folder} is there already`, error);
    }
  }
}

/** Takes a folder back in which nothing was written. */
export async function releaseFolder(folder: string): Promise<void> {
  await rmdir(folder).catch(() => {});
}

/**
 * Writes the files of a pair; those of an earlier export that it has no more are taken away, and what one that was killed left half done.
 *
 * @throws {TransferFailed} UNWRITABLE
 */
export async function writeFiles(folder: string, files: ReadonlyMap<PairFile, string | Uint8Array>): Promise<void> {
  try {
    for (const [name, content] of files) {
      await writeWholeFile(join(folder, name), (file) => file.writeFile(content), { durable: false });
    }
    for (const name of (await readdir(folder)).filter((each) => isOfEarlier(each, files))) {
      await rm(join(folder, name), { force: true });
    }
  } catch (error) {
    throw unwritable(folder, error);
  }
}

function isOfEarlier(name: string, files: ReadonlyMap<PairFile, unknown>): boolean {
  return PAIR_FILES.some(
    (file) => (name === file && !files.has(file)) || (name.startsWith(`${file}.`) && UNFINISHED.test(name)),
  );
}

function unusable(directory: string, error: unknown): TransferFailed {
  const reason = errorCodeOf(error) ?? 'unknown';
  return new TransferFailed('DIRECTORY_UNUSABLE', `${directory} can not be written: ${reason}`, error);
}

function unwritable(path: string, error: unknown): TransferFailed {
  return new TransferFailed('UNWRITABLE', `${path} can not be written: ${errorCodeOf(error) ?? 'unknown'}`, error);
}
