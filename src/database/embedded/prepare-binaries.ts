import { chmod, cp, open, readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Account } from './account.ts';
import { type Package, PLATFORM, tryBinaries } from './binaries.ts';
import { DataDirectoryNotUsable, PlatformNotSupported } from './errors.ts';
import { errorCode, makeDirectory, ownerOf, syncDirectory } from './files.ts';
import { makeLibraryLinks } from './library-links.ts';
import { makeWhole } from './making.ts';

/** PostgreSQL's programs where the account that is to run them can run them. */
export interface Binaries {
  /** Holds bin/, lib/ and share/. */
  readonly directory: string;
  readonly major: string;
  /** Says that they are a copy, and why. */
  readonly notice: string | undefined;
}

/**
 * Takes npm's package where the account can run it, otherwise a copy that is made once.
 *
 * @param copies the directory in which to keep a copy
 * @throws {PlatformNotSupported} where the programs don't run at all
 * @throws {DataDirectoryNotUsable} where a copy is needed and can't be made
 */
export async function prepareBinaries(found: Package, account: Account | undefined, copies: string): Promise<Binaries> {
  const isComplete = await makeLibraryLinks(found.directory);
  const trial = await tryBinaries(found.directory, account);
  if (trial.works) {
    return { directory: found.directory, major: trial.major, notice: undefined };
  }
  if (account === undefined && isComplete) {
    throw doesNotRun(trial.reason);
  }
  const directory = join(copies, `postgresql-${found.version}`);
  await copyOnce(found.directory, directory);
  const secondTrial = await tryBinaries(directory, account);
  if (!secondTrial.works) {
    throw doesNotRun(secondTrial.reason);
  }
  const reason = isComplete && account ? `${account.name} can't run them there` : 'they are incomplete there';
  return {
    directory,
    major: secondTrial.major,
    notice: `PostgreSQL's programs were copied from ${found.directory} to ${directory}, because ${reason}.`,
  };
}

function doesNotRun(reason: string): PlatformNotSupported {
  return new PlatformNotSupported(PLATFORM, `PostgreSQL's programs don't run here (${reason})`);
}

async function copyOnce(from: string, to: string): Promise<void> {
  const owner = await ownerOf(to);
  if (owner !== undefined) {
    if (owner !== process.getuid?.()) {
      // Whoever owns it could have us run what he likes.
      throw new DataDirectoryNotUsable(to, 'it should be our copy of PostgreSQL, but belongs to somebody else');
    }
    return;
  }
  await makeDirectory(dirname(to), 0o755);
  try {
    await makeWhole(to, async (unfinished) => {
      await cp(from, unfinished, { recursive: true, verbatimSymlinks: true });
      await makeLibraryLinks(unfinished);
      await openToAll(unfinished);
    });
  } catch (error) {
    throw new DataDirectoryNotUsable(
      to,
      `PostgreSQL can't be copied there (${errorCode(error) ?? 'unknown error'})`,
      error,
    );
  }
}

/** Lets everybody read and nobody but the owner write, whatever the umask at the installation was, and syncs every file. */
async function openToAll(directory: string): Promise<void> {
  await chmod(directory, 0o755);
  for (const entry of await readdir(directory, { withFileTypes: true })) {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) {
      await openToAll(path);
    } else if (entry.isFile()) {
      const handle = await open(path, 'r');
      try {
        const isProgram = ((await handle.stat()).mode & 0o100) !== 0;
        await handle.chmod(isProgram ? 0o755 : 0o644);
        await handle.sync();
      } finally {
        await handle.close();
      }
    }
  }
  await syncDirectory(directory);
}
