import type { Stats } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { run } from './run.ts';

/** A running process as the system sees it. */
export interface ProcessFacts {
  readonly pid: number;
  readonly parent: number;
  readonly uid: number;
  /** Differs between two processes that had the same pid one after the other. */
  readonly startedAt: string;
  readonly commandLine: string;
  /** Where the system tells it: on Linux, for our own processes. */
  readonly workingDirectory: Stats | undefined;
}

/** Whether the system knows a pid: it also does of one that has ended and was not yet waited for. */
export function isPidTaken(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/** Looks at a process. Undefined where it has ended, also if nobody has waited for it yet. */
export async function inspectProcess(pid: number): Promise<ProcessFacts | undefined> {
  if (!isPidTaken(pid)) {
    return undefined;
  }
  return process.platform === 'linux' ? await inspectByProc(pid) : await inspectByPs(pid);
}

async function inspectByProc(pid: number): Promise<ProcessFacts | undefined> {
  const directory = `/proc/${pid}`;
  try {
    const [statText, commandLine, { uid }, workingDirectory] = await Promise.all([
      readFile(`${directory}/stat`, 'utf8'),
      readFile(`${directory}/cmdline`, 'utf8'),
      stat(directory),
      stat(`${directory}/cwd`).catch(() => undefined),
    ]);
    // The second field is the program's name in parentheses and may itself hold spaces and parentheses.
    const fields = statText.slice(statText.lastIndexOf(')') + 2).split(' ');
    const [state, parent] = fields;
    if (state === 'Z' || state === 'X' || parent === undefined) {
      return undefined;
    }
    return {
      pid,
      parent: Number(parent),
      uid,
      startedAt: fields[19] ?? '',
      commandLine: commandLine.replaceAll('\0', ' ').trim(),
      workingDirectory,
    };
  } catch {
    return undefined;
  }
}

async function inspectByPs(pid: number): Promise<ProcessFacts | undefined> {
  const columns = ['-o', 'stat=', '-o', 'ppid=', '-o', 'uid=', '-o', 'lstart=', '-o', 'command='];
  const { stdout } = await run('ps', ['-ww', ...columns, '-p', String(pid)], { account: undefined });
  const match = /^\s*(\S+)\s+(\d+)\s+(\d+)\s+(\S+\s+\S+\s+\S+\s+\S+\s+\S+)\s+(.*)$/m.exec(stdout);
  if (match === null || match[1]?.startsWith('Z')) {
    return undefined;
  }
  const [, , parent, uid, startedAt = '', commandLine = ''] = match;
  return { pid, parent: Number(parent), uid: Number(uid), startedAt, commandLine, workingDirectory: undefined };
}
