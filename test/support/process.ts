import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { captureLog } from './leaks/capture.ts';
import { compiledProgram, programArguments } from './programs.ts';
import { until } from './until.ts';

const EASY = {
  // Nothing stands before it that would have to turn to another.
  CERTKEEP_DRAIN_MS: '0',
  // A database that stands still for seconds with its whole machine is not away.
  CERTKEEP_DATABASE_TIMEOUT_MS: '30000',
};

const root = fileURLToPath(new URL('../..', import.meta.url));

export interface RunningProcess {
  readonly child: ChildProcess;
  /** Everything written so far, standard output and error together. */
  output(): string;
  /** The exit code, once it has ended; null where a signal ended it. */
  ended: Promise<number | null>;
}

/**
 * Runs one of our programs, with no environment but the given one.
 *
 * @param tree of another version, that was compiled; this one without it
 */
export function run(
  program: 'src/main.ts' | 'src/cli/main.ts',
  arguments_: readonly string[],
  environment: Record<string, string>,
  tree?: string,
) {
  const started = tree === undefined ? programArguments(program) : [compiledProgram(program)];
  const child = spawn(process.execPath, [...started, ...arguments_], {
    cwd: tree ?? root,
    env: { PATH: process.env['PATH'], ...EASY, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      output += chunk;
    });
  }
  createInterface({ input: child.stdout }).on('line', (line) => {
    // The rest is the page for the terminal, or what a command was asked for.
    if (line.startsWith('{"level":')) {
      captureLog(line);
    }
  });
  const ended = once(child, 'close').then(([code]) => code as number | null);
  const running: RunningProcess = { child, output: () => output, ended };
  return running;
}

/** Waits until a server that was {@link run} says that it is ready. */
export async function ready(server: RunningProcess): Promise<{ url: string; page: string }> {
  let hasEnded = false;
  server.ended.then(() => {
    hasEnded = true;
  });
  await until(() => hasEnded || /Try it:[\s\S]*\n\n/.test(server.output()), 60_000);
  const url = /URL\s+(http:\S+)/.exec(server.output())?.[1];
  if (url === undefined) {
    throw new Error(`the server did not become ready:\n${server.output()}`);
  }
  return { url, page: server.output() };
}
