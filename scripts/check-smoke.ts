import { spawnSync } from 'node:child_process';
import { existsSync, lstatSync } from 'node:fs';
import { chmod, cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from './support/free-port.ts';
import { outerEnvironment } from './support/outer-environment.ts';
import { type Block, blocksOf } from './support/page.ts';

/**
 * Runs what docs/smoke-tests.md shows, as it is printed and as a runner would: in a new folder with a clone of this checkout, each
 * block a script of its own. Needs a package registry, bash, curl and openssl.
 */

const root = fileURLToPath(new URL('..', import.meta.url));
const BLOCK_TIMEOUT_MS = 300_000;
const START = 'Start Certkeep';
const CLEAN_UP = 'Throw Certkeep away';
const print = (text: string) => process.stdout.write(`${text}\n`);

const blocks = blocksOf(await readFile(join(root, 'docs/smoke-tests.md'), 'utf8'));
const scripts = blocks.filter(({ language }) => language === 'sh');
for (const heading of [START, CLEAN_UP]) {
  if (!scripts.some((block) => block.heading === heading)) {
    throw new Error(`docs/smoke-tests.md has no commands below "${heading}"`);
  }
}

const folder = await mkdtemp(join(tmpdir(), 'certkeep-smoke-'));
try {
  // As root, PostgreSQL runs as another user, who must be able to enter.
  await chmod(folder, 0o755);
  await cloneInto(join(folder, 'certkeep'));
  await writeFile(join(folder, 'smoke.mjs'), blocks.find(({ language }) => language === 'js')?.code ?? '');
  const port = await freePort();
  const environment = {
    ...outerEnvironment(),
    AUTHENTIK_URL: `http://127.0.0.1:${port}`,
    CERTKEEP_PORT: String(port),
    // What was installed for this checkout need not be fetched again.
    npm_config_prefer_offline: 'true',
  };
  process.exitCode = (await runAll(environment)) ? 0 : 1;
  if (existsSync(join(folder, 'data'))) {
    print('something is left of the server');
    process.exitCode = 1;
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}
print(process.exitCode === 0 ? '\nThe smoke tests work.' : '\nThe smoke tests FAILED.');

/**
 * What is not ignored here is what a clone would hold once it is committed. Files alone: behind a link, as somebody may have made of
 * node_modules, `npm ci` would empty what is not the clone's.
 */
async function cloneInto(directory: string): Promise<void> {
  const listed = spawnSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '-z'], {
    cwd: root,
    encoding: 'utf8',
  });
  for (const path of listed.stdout.split('\0')) {
    if (lstatSync(join(root, path), { throwIfNoEntry: false })?.isFile()) {
      await cp(join(root, path), join(directory, path));
    }
  }
}

/** Runs the blocks in order up to the first that fails, and the last in any case, as the workflow does. */
async function runAll(environment: Record<string, string>): Promise<boolean> {
  let hasFailed = false;
  for (const block of scripts) {
    if (!hasFailed || block.heading === CLEAN_UP) {
      hasFailed = !(await runBlock(block, environment)) || hasFailed;
    }
  }
  return !hasFailed;
}

async function runBlock({ heading, code }: Block, environment: Record<string, string>): Promise<boolean> {
  const script = join(folder, 'script.sh');
  await writeFile(script, code);
  const began = performance.now();
  const { status, stdout, stderr } = spawnSync('bash', ['--noprofile', '--norc', '-eo', 'pipefail', script], {
    cwd: folder,
    env: environment,
    timeout: BLOCK_TIMEOUT_MS,
    encoding: 'utf8',
  });
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  print(
    `${seconds.padStart(6)} s  ${heading}${heading === START ? ': from the start to the first answered request' : ''}`,
  );
  if (status !== 0) {
    print(`ended with ${status}:\n${stdout}\n${stderr}`);
  }
  return status === 0;
}
