import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Runs the README's walk, as it is printed, against a server that starts as the README says. Needs curl and openssl. */

const root = fileURLToPath(new URL('..', import.meta.url));
const START_TIMEOUT_MS = 60_000;
const WALK_TIMEOUT_MS = 120_000;

const readme = await readFile(join(root, 'README.md'), 'utf8');
const walk = /<!-- walk: begin -->([\s\S]*?)<!-- walk: end -->/.exec(readme)?.[1] ?? '';
const commands = [...walk.matchAll(/```sh\n([\s\S]*?)```/g)].map(([, block]) => block).join('\n');
if (commands === '') {
  throw new Error('the README has no walk');
}

const directory = await mkdtemp(join(tmpdir(), 'certkeep-walk-'));
// As root, PostgreSQL runs as another user, who must be able to enter.
await chmod(directory, 0o755);
const server = spawn('npm', ['start'], {
  cwd: root,
  env: {
    ...process.env,
    CERTKEEP_DATA_DIR: directory,
    CERTKEEP_PORT: '0',
    CERTKEEP_LOG_LEVEL: 'warn',
    DATABASE_URL: '',
  },
  stdio: ['ignore', 'pipe', 'inherit'],
  detached: true,
});
const ended = once(server, 'close');
try {
  const url = await readUrl();
  const script = commands.replaceAll('http://127.0.0.1:9000', url).replaceAll('data/token', join(directory, 'token'));
  const result = spawnSync('sh', ['-eu'], {
    cwd: root,
    env: { ...process.env, CERTKEEP_DATA_DIR: directory, DATABASE_URL: '' },
    input: script,
    timeout: WALK_TIMEOUT_MS,
    encoding: 'utf8',
  });
  process.exitCode = result.status ?? 1;
  if (process.exitCode !== 0) {
    process.stdout.write(`${result.stdout}\n${result.stderr}\n`);
  }
} finally {
  // npm and the shell between us and the server don't pass a signal on everywhere: the whole group gets it.
  process.kill(-(server.pid ?? 0), 'SIGTERM');
  await ended;
  await rm(directory, { recursive: true, force: true });
}
process.stdout.write(process.exitCode === 0 ? "\nThe README's walk works.\n" : "\nThe README's walk FAILED.\n");

/** Reads on after the URL: a pipe that nobody empties would stop the server. */
function readUrl(): Promise<string> {
  return new Promise((resolve, reject) => {
    let output = '';
    server.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      output += chunk;
      const url = /URL\s+(http:\S+)[\s\S]*Try it:/.exec(output)?.[1];
      if (url !== undefined) {
        resolve(url);
      }
    });
    ended.then(() => reject(new Error(`the server ended:\n${output}`)));
    setTimeout(() => reject(new Error(`the server did not become ready:\n${output}`)), START_TIMEOUT_MS).unref();
  });
}
