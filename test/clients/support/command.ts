import { spawn } from 'node:child_process';
import { once } from 'node:events';

export interface CommandResult {
  readonly exitCode: number | null;
  readonly stdout: string;
  /** Standard output and error together, in the order of their arrival. */
  readonly output: string;
}

/**
 * Runs a program to its end, while the server that it talks to goes on answering in this process.
 *
 * @throws where there is no such program, saying what to install
 */
export async function runCommand(
  program: string,
  arguments_: readonly string[],
  options: { readonly cwd: string; readonly env: Readonly<Record<string, string>>; readonly needs: string },
): Promise<CommandResult> {
  const child = spawn(program, arguments_, {
    cwd: options.cwd,
    env: { ...process.env, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    stdout += chunk;
    output += chunk;
  });
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    output += chunk;
  });
  try {
    const [exitCode] = (await once(child, 'close')) as [number | null];
    return { exitCode, stdout, output };
  } catch (error) {
    throw new Error(`this test needs ${options.needs}`, { cause: error });
  }
}
