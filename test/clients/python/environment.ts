import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runCommand } from '../support/command.ts';

export const SUITES = fileURLToPath(new URL('.', import.meta.url));

const NEEDS = 'Python 3.10 or newer, with venv';

export interface PythonEnvironment {
  /** Runs a module of tests, and gives what it printed. */
  runTests(module: string, env: Readonly<Record<string, string>>): ReturnType<typeof runCommand>;
  remove(): Promise<void>;
}

/**
 * Makes a virtual environment and installs what a requirements file names: wheels alone, each of a known hash.
 *
 * @param requirements a file beside this one
 * @throws where there is no Python, or a package can't be had
 */
export async function createEnvironment(requirements: string): Promise<PythonEnvironment> {
  const directory = await mkdtemp(join(tmpdir(), 'certkeep-python-'));
  const python = join(directory, 'bin/python');
  const run = (program: string, arguments_: readonly string[], env: Readonly<Record<string, string>> = {}) =>
    runCommand(program, arguments_, { cwd: SUITES, env, needs: NEEDS });
  const succeed = async (program: string, arguments_: readonly string[]) => {
    const { exitCode, output } = await run(program, arguments_);
    if (exitCode !== 0) {
      throw new Error(`${program} ${arguments_.join(' ')}:\n${output}`);
    }
  };
  const remove = () => rm(directory, { recursive: true });
  try {
    await succeed('python3', ['-m', 'venv', directory]);
    // The file names all that is needed, and for Python 3.12 two packages that are newer than what a release asks for.
    const exactly = ['--require-hashes', '--only-binary=:all:', '--no-deps', '--disable-pip-version-check'];
    await succeed(python, ['-m', 'pip', 'install', '--quiet', ...exactly, '-r', requirements]);
  } catch (error) {
    await remove();
    throw error;
  }
  // The server of a test speaks plain HTTP, which the clients' library for OAuth2 refuses otherwise.
  const plain = { OAUTHLIB_INSECURE_TRANSPORT: '1', NO_PROXY: '127.0.0.1' };
  return {
    runTests: (module, env) => run(python, ['-B', '-m', 'unittest', '-v', '-b', module], { ...plain, ...env }),
    remove,
  };
}
