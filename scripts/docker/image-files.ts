import { lstat, readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';

export interface FileFacts {
  readonly size: number;
  readonly modified: number;
}

/** Every file below a directory, by its path from there on. */
export async function listFiles(directory: string): Promise<Map<string, FileFacts>> {
  const files = new Map<string, FileFacts>();
  for (const entry of await readdir(directory, { recursive: true, withFileTypes: true })) {
    if (!entry.isDirectory()) {
      const path = join(entry.parentPath, entry.name);
      const { size, mtimeMs } = await lstat(path);
      files.set(relative(directory, path), { size, modified: mtimeMs });
    }
  }
  return files;
}

/**
 * The packages below a `node_modules` that the project's lock file does not count as needed to run it: tools for development, and what
 * it works without.
 */
export async function needlessPackages(nodeModules: string, lockFile: string): Promise<string[]> {
  const locked = await packagesOf(lockFile);
  const installed = await packagesOf(join(nodeModules, '.package-lock.json'));
  return Object.keys(installed).filter((path) => {
    const { dev, optional, devOptional } = locked[path] ?? {};
    return dev === true || optional === true || devOptional === true;
  });
}

interface LockedPackage {
  readonly dev?: boolean;
  readonly optional?: boolean;
  readonly devOptional?: boolean;
}

async function packagesOf(lockFile: string): Promise<Record<string, LockedPackage>> {
  const { packages } = JSON.parse(await readFile(lockFile, 'utf8')) as { packages: Record<string, LockedPackage> };
  return packages;
}
