import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../..', import.meta.url));
/** What a build needs. */
const PARTS = ['src', 'prisma', 'package.json', 'prisma.config.ts', 'tsconfig.json', 'tsconfig.build.json'];

/** Whether this is a clone. An archive of the sources has no version before to build. */
export const hasHistory = existsSync(join(root, '.git'));

/** The commit of the version from which operators come: a release changes `test/upgrade/previous-version`. */
export function previousCommit(): string {
  return readFileSync(new URL('../previous-version', import.meta.url), 'utf8').trim();
}

/**
 * Runs git on this repository.
 *
 * @throws {Error} saying what to do, where the previous version is not in its history
 */
function git(...arguments_: readonly string[]): Buffer {
  try {
    return execFileSync('git', ['-C', root, ...arguments_], { stdio: 'pipe', maxBuffer: 1 << 28 });
  } catch (error) {
    throw new Error(
      `The history lacks commit ${previousCommit()}, which test/upgrade/previous-version names. ` +
        'Get all of it: git fetch --unshallow (GitHub Actions: fetch-depth: 0); the tests of upgrades need a clone.',
      { cause: error },
    );
  }
}

/** The names of the previous version's migrations. */
export function previousMigrations(): string[] {
  const listed = git('ls-tree', '-d', '--name-only', `${previousCommit()}:prisma/migrations`).toString();
  return listed.split('\n').filter((name) => name !== '');
}

export interface BuiltTree {
  readonly directory: string;
  remove(): void;
}

/** Takes the previous version's sources out of the history and compiles them, with the packages of this version. */
export function buildPreviousVersion(): BuiltTree {
  const directory = mkdtempSync(join(tmpdir(), 'certkeep-previous-'));
  const remove = () => rmSync(directory, { recursive: true, force: true });
  const inTree = { cwd: directory, stdio: 'pipe' } as const;
  try {
    execFileSync('tar', ['-x'], { ...inTree, input: git('archive', '--format=tar', previousCommit(), ...PARTS) });
    symlinkSync(join(root, 'node_modules'), join(directory, 'node_modules'));
    execFileSync(process.execPath, ['node_modules/prisma/build/index.js', 'generate'], inTree);
    execFileSync('node_modules/.bin/tsc', ['-p', 'tsconfig.build.json'], inTree);
  } catch (error) {
    remove();
    throw error;
  }
  return { directory, remove };
}
