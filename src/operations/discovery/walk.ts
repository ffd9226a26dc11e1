import { opendir, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { isPassedOver } from './file-rules.ts';
import { DirectoryUnreadable, errorCodeOf, isGone, type RefusedFile } from './refused-file.ts';

/** Links can make many paths of few folders. */
const MAX_ENTRIES = 100_000;

/** What stands for a byte that is no UTF-8: a path that holds one leads nowhere. */
const REPLACEMENT = '\u{fffd}';

export interface Walked {
  /** Absolute, of regular files, in the order of their text. */
  readonly paths: readonly string[];
  readonly refused: readonly RefusedFile[];
  /** Whether all folders could be looked into: else more may be there than is listed. */
  readonly isWhole: boolean;
}

/** A folder on the way down. */
interface Folder {
  readonly path: string;
  /** Device and inode of it and of those above it: a link back to one of them is not followed. */
  readonly line: ReadonlySet<string>;
}

/**
 * The files below a directory that could be certificates or keys, links followed.
 *
 * @param directory absolute
 * @throws {DirectoryUnreadable} where the directory itself can't be listed
 */
export async function walk(directory: string): Promise<Walked> {
  const paths: string[] = [];
  const refused: RefusedFile[] = [];
  const folders: Folder[] = [{ path: directory, line: new Set([await inodeOf(directory)]) }];
  let entries = 0;
  let isWhole = true;
  const refuseUnread = (path: string, error: unknown) => {
    isWhole = false;
    refused.push({ path, code: 'UNREADABLE', reason: errorCodeOf(error) ?? 'unknown' });
  };

  async function enter({ path: folder, line }: Folder): Promise<void> {
    for (const name of await namesIn(folder)) {
      const path = join(folder, name);
      if (isPassedOver(relative(directory, path))) {
        continue;
      }
      if (++entries > MAX_ENTRIES) {
        return;
      }
      await look(path, line).catch((error: unknown) => {
        if (name.includes(REPLACEMENT)) {
          refused.push({ path, code: 'NAME_UNUSABLE', reason: 'its name is not UTF-8' });
        } else if (!isGone(error)) {
          refuseUnread(path, error);
        }
      });
    }
  }

  async function look(path: string, line: ReadonlySet<string>): Promise<void> {
    const stats = await stat(path);
    const inode = `${stats.dev}:${stats.ino}`;
    if (stats.isFile()) {
      paths.push(path);
    } else if (!stats.isDirectory()) {
      refused.push({ path, code: 'NOT_A_FILE', reason: 'it is no regular file' });
    } else if (!line.has(inode)) {
      folders.push({ path, line: new Set(line).add(inode) });
    }
  }

  for (let folder = folders.pop(); folder !== undefined && entries <= MAX_ENTRIES; folder = folders.pop()) {
    const { path } = folder;
    await enter(folder).catch((error: unknown) => {
      if (path === directory) {
        throw new DirectoryUnreadable(directory, error);
      }
      if (!isGone(error)) {
        refuseUnread(path, error);
      }
    });
  }
  if (entries > MAX_ENTRIES) {
    isWhole = false;
    refused.push({ path: directory, code: 'TOO_MANY', reason: `it holds more than ${MAX_ENTRIES} files and folders` });
  }
  return { paths: paths.sort(byText), refused, isWhole };
}

/** In an order that does not depend on the file system, so that the same of too many are left out each time. */
async function namesIn(folder: string): Promise<string[]> {
  const names: string[] = [];
  for await (const { name } of await opendir(folder)) {
    names.push(name);
    if (names.length > MAX_ENTRIES) {
      break;
    }
  }
  return names.sort(byText);
}

/** @throws {DirectoryUnreadable} */
async function inodeOf(directory: string): Promise<string> {
  try {
    const { dev, ino } = await stat(directory);
    return `${dev}:${ino}`;
  } catch (error) {
    throw new DirectoryUnreadable(directory, error);
  }
}

function byText(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
