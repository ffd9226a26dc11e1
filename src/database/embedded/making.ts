import { createHash, randomUUID } from 'node:crypto';
import { readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { errorCode, ifPresent, syncDirectory } from './files.ts';
import { inspectProcess, type ProcessFacts } from './processes.ts';

/**
 * Makes a directory whole or not at all: it is filled under another name and gets its own when complete. What a maker that was
 * killed left behind is removed first. Of several makers at once one wins, and the others take what that one made.
 *
 * @param target the directory; whoever calls has seen that it is absent or empty
 * @param fill makes and fills the directory it is given, and sees to it that its files are on the disk
 */
export async function makeWhole(target: string, fill: (directory: string) => Promise<void>): Promise<void> {
  await removeLeftovers(target);
  const unfinished = join(dirname(target), `${basename(target)}.new-${await ownMark()}-${randomUUID()}`);
  try {
    await fill(unfinished);
    await rename(unfinished, target);
    await syncDirectory(dirname(target));
  } catch (error) {
    await rm(unfinished, { recursive: true, force: true, maxRetries: 5 });
    if (errorCode(error) !== 'ENOTEMPTY' && errorCode(error) !== 'EEXIST') {
      throw error;
    }
  }
}

/** Removes what makers of a directory left that are no more. */
export async function removeLeftovers(target: string): Promise<void> {
  const prefix = `${basename(target)}.new-`;
  for (const name of (await ifPresent(readdir(dirname(target)))) ?? []) {
    if (name.startsWith(prefix) && !(await isInTheMaking(name.slice(prefix.length)))) {
      await rm(join(dirname(target), name), { recursive: true, force: true, maxRetries: 5 });
    }
  }
}

async function isInTheMaking(mark: string): Promise<boolean> {
  const maker = await inspectProcess(Number.parseInt(mark, 10));
  return maker !== undefined && mark.startsWith(`${markOf(maker)}-`);
}

async function ownMark(): Promise<string> {
  const self = await inspectProcess(process.pid);
  return self === undefined ? `${process.pid}-unknown` : markOf(self);
}

/** A pid alone comes again: in a container the server has the same one at each start. */
function markOf({ pid, startedAt, commandLine }: ProcessFacts): string {
  const digest = createHash('sha256').update(`${startedAt}\0${commandLine}`).digest('hex');
  return `${pid}-${digest.slice(0, 12)}`;
}
