import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Account } from './account.ts';
import { inspectProcess, type ProcessFacts } from './processes.ts';
import { spawnAs } from './run.ts';

/** The name that our shells run under; by it a later start knows them. */
const SUPERVISOR_NAME = 'certkeep-postgres-supervisor';

/**
 * Ends the program when the pipe on its standard input closes, which the system does however we end.
 *
 * - The shell is the program's parent and has not waited for it, so that its pid can't belong to another by then.
 * - A shell without job control gives what it starts in the background an empty input: the pipe needs another number.
 * - Such a program also ignores SIGINT until it asks for it, so that one sent too early would be lost. SIGTERM comes before it:
 *   that ends a program that has not yet asked for either, and PostgreSQL takes SIGINT (fast shutdown) as the more urgent one.
 * - The shell itself ignores the signals that a whole session or control group gets at once: only the pipe decides.
 */
const SUPERVISOR = `
exec 3<&0 </dev/null
shift
"$@" 3<&- >&2 &
child=$!
trap '' HUP INT TERM
echo "$child"
exec >/dev/null 2>&1
while read -r _ <&3; do :; done
kill -TERM "$child"
kill -INT "$child"
wait "$child"
`;

/** A program that can't outlive us. */
export interface Supervised {
  /** Of the program, not of the shell above it. Undefined where the shell ended before it told. */
  readonly pid: Promise<number | undefined>;
  /** Resolves once the shell has ended. If somebody killed just the shell, the program may still be there. */
  readonly ended: Promise<{ readonly exitCode: number | null; readonly reason: string }>;
  /** Sends the program SIGINT. */
  end(): void;
}

/**
 * Runs a program below a shell that ends it (SIGINT) when we end, for any reason. Both are in a session of their own: a Ctrl-C in
 * the terminal reaches only us.
 *
 * @param onLine gets each line that the program writes
 */
export function supervise(
  program: string,
  parameters: readonly string[],
  options: { readonly account: Account | undefined; readonly onLine: (line: string) => void },
): Supervised {
  const shell = spawn('/bin/sh', ['-c', SUPERVISOR, SUPERVISOR_NAME, String(process.pid), program, ...parameters], {
    ...spawnAs(options.account),
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: true,
  });
  const exited = new Promise<{ exitCode: number | null; reason: string }>((resolve) => {
    shell.on('error', (error) => resolve({ exitCode: null, reason: error.message }));
    shell.on('exit', (exitCode, signal) => resolve({ exitCode, reason: describeExit(exitCode, signal) }));
  });
  // A pipe to a shell that is gone; its end is told by 'exit'.
  shell.stdin.on('error', () => {});
  createInterface({ input: shell.stderr }).on('line', options.onLine);
  // Only the program and its children hold the other end of this one: they have all ended, so the shell has nothing to wait for.
  shell.stderr.on('end', () => shell.stdin.end());

  const drained = new Promise((resolve) => shell.on('close', resolve));

  // The last lines may come after the end. A program that outlives its shell keeps its pipe open.
  const ended = exited.then(async (outcome) => {
    await Promise.race([drained, sleep(outcome.exitCode === null ? 100 : 2000, undefined, { ref: false })]);
    return outcome;
  });

  return { pid: firstNumber(shell.stdout), ended, end: () => void shell.stdin.end() };
}

/**
 * What stands above a program that was started by {@link supervise}, of this or another process:
 * - `attended`: its shell, and the process that started that one;
 * - `abandoned`: its shell, which is about to end it, for the process that started the shell is gone;
 * - `none`: its shell is gone too, so that nobody will end it.
 */
export async function supervisionOf(program: ProcessFacts): Promise<'attended' | 'abandoned' | 'none'> {
  const shell = await inspectProcess(program.parent);
  const starter = new RegExp(` ${SUPERVISOR_NAME} (\\d+) `).exec(shell?.commandLine ?? '')?.[1];
  if (shell === undefined || starter === undefined) {
    return 'none';
  }
  // Whoever takes in orphans, be it the first process or another, has a pid of its own.
  return shell.parent === Number(starter) ? 'attended' : 'abandoned';
}

async function firstNumber(stream: Readable): Promise<number | undefined> {
  return await new Promise((resolve) => {
    createInterface({ input: stream })
      .once('line', (line) => resolve(/^\d+$/.test(line) ? Number(line) : undefined))
      .once('close', () => resolve(undefined));
  });
}

/** A shell ends with 128 + n where signal n ended its child. */
function describeExit(exitCode: number | null, signal: NodeJS.Signals | null): string {
  if (exitCode === null) {
    return `its supervisor was ended by ${signal ?? 'an unknown signal'}`;
  }
  return exitCode > 128 ? `it was ended by signal ${exitCode - 128}` : `it ended with status ${exitCode}`;
}
