import { readFile, stat, symlink } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import { errorCode, ifPresent } from './files.ts';

interface Link {
  readonly path: string;
  readonly pointsTo: string;
}

/**
 * Makes the links to PostgreSQL's libraries that npm packages can't hold, and that the package's install script makes where
 * scripts are allowed. Links that are there stay; others may do the same at the same time.
 *
 * @returns false where one is missing and can't be made, such as in a directory we may not write to
 */
export async function makeLibraryLinks(directory: string): Promise<boolean> {
  for (const { path, pointsTo } of await listLinks(directory)) {
    if ((await ifPresent(stat(path))) === undefined && !(await makeLink(path, pointsTo))) {
      return false;
    }
  }
  return true;
}

async function makeLink(path: string, pointsTo: string): Promise<boolean> {
  try {
    await symlink(pointsTo, path);
    return true;
  } catch (error) {
    return errorCode(error) === 'EEXIST';
  }
}

/** The list names paths from the package's root on, both in one directory. */
async function listLinks(directory: string): Promise<Link[]> {
  const text = await ifPresent(readFile(join(directory, 'pg-symlinks.json'), 'utf8'));
  const entries: unknown = JSON.parse(text ?? '[]');
  return Array.isArray(entries) ? entries.flatMap((entry) => toLink(directory, entry)) : [];
}

function toLink(directory: string, entry: unknown): Link[] {
  const { source, target } = entry as { source?: unknown; target?: unknown };
  if (typeof source !== 'string' || typeof target !== 'string') {
    return [];
  }
  const path = join(directory, relative('native', dirname(target)), basename(target));
  return [{ path, pointsTo: relative(dirname(target), source) }];
}
