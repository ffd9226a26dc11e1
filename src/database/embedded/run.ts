import { execFile } from 'node:child_process';
import type { Account } from './account.ts';

export interface RunOptions {
  /** Whose rights the program gets; ours if undefined. */
  readonly account: Account | undefined;
}

export interface Outcome {
  readonly succeeded: boolean;
  readonly stdout: string;
  /** What the program wrote as its errors; the reason if it could not be run at all. */
  readonly stderr: string;
}

/**
 * What every program that we start gets instead of our own environment: that holds secrets, which another process of the same
 * unprivileged user could read, and PG… variables, which would steer PostgreSQL.
 */
export const PLAIN_ENVIRONMENT = {
  PATH: process.env['PATH'] ?? '/usr/local/bin:/usr/bin:/bin',
  LC_ALL: 'C',
  TZ: 'UTC',
};

/**
 * How a child process takes an account's place. libuv drops the supplementary groups too when it changes the user.
 * The working directory is one that everybody may enter: ours may be closed to that user.
 */
export function spawnAs(account: Account | undefined) {
  const identity = account === undefined ? {} : { uid: account.uid, gid: account.gid };
  return { ...identity, cwd: '/', env: PLAIN_ENVIRONMENT };
}

/**
 * Runs a short program to its end, within ten seconds. A program that fails is an outcome, not an error.
 *
 * @param parameters passed as they are; no shell reads them
 */
export async function run(program: string, parameters: readonly string[], options: RunOptions): Promise<Outcome> {
  return await new Promise((resolve) => {
    const settings = { ...spawnAs(options.account), encoding: 'utf8', timeout: 10_000, killSignal: 'SIGKILL' } as const;
    try {
      execFile(program, [...parameters], settings, (error, stdout, stderr) => {
        resolve({ succeeded: error === null, stdout, stderr: stderr.trim() || (error?.message ?? '') });
      });
    } catch (error) {
      resolve({ succeeded: false, stdout: '', stderr: error instanceof Error ? error.message : String(error) });
    }
  });
}

/** Whether a user can enter a directory, found by trying: mode bits tell nothing of ACLs, mounts or security modules. */
export async function canEnter(directory: string, account: Account | undefined): Promise<boolean> {
  const outcome = await run('/bin/sh', ['-c', 'cd -- "$1"', 'sh', directory], { account });
  return outcome.succeeded;
}
