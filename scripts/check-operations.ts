import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmod, chown, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client } from 'pg';
import { startThrowawayDatabase } from './docker/throwaway-database.ts';
import { freePort } from './support/free-port.ts';
import { outerEnvironment } from './support/outer-environment.ts';

/**
 * Runs docs/operations/first-day.sh, which is docs/operations/first-day.md, as another user where we are root and as ourselves: each time on
 * two empty databases. Needs bash, curl, nginx and openssl, and `npm ci` before.
 */

const root = fileURLToPath(new URL('..', import.meta.url));
/** Three times what two walks at once take on two processors that have else to do. */
const LIMIT_MS = 300_000;
/** Of no account of this machine, and with no rights but those of everybody. */
const ANYBODY = 65_532;
const PORTS = ['A', 'B', 'C'].flatMap((name) => [`PORT_${name}`, `METRICS_${name}`]);
const print = (text: string) => process.stdout.write(`${text}\n`);

const isRoot = process.getuid?.() === 0;
const directory = await mkdtemp(join(tmpdir(), 'certkeep-first-day-'));
// Where we are root, PostgreSQL and the walk run as other users, who must be able to enter.
await chmod(directory, 0o755);
try {
  const database = await startThrowawayDatabase(join(directory, 'database'));
  try {
    const walks = [walk(isRoot ? 'root' : 'self', database.url)];
    if (isRoot && mayEnter(ANYBODY)) {
      walks.push(walk('anybody', database.url, ANYBODY));
    } else if (isRoot) {
      print('No other user may enter this clone: the walk is run as root alone');
    }
    process.exitCode = (await Promise.all(walks)).every((works) => works) ? 0 : 1;
  } finally {
    await database.stop();
  }
} finally {
  await rm(directory, { recursive: true, force: true });
}
print(process.exitCode === 0 ? "\nThe first day's walk works." : "\nThe first day's walk FAILED.");

/** Whether a user can read this clone: one below a home of mode 0700 is for its owner. */
function mayEnter(id: number): boolean {
  const program = join(root, 'dist', 'cli', 'main.js');
  return spawnSync('test', ['-r', program], { cwd: '/', uid: id, gid: id }).status === 0;
}

/** @param id of the user and the group that runs it; ours unless it is given */
async function walk(name: string, databaseUrl: string, id?: number): Promise<boolean> {
  const folder = join(directory, name);
  await mkdir(folder, { mode: 0o755 });
  if (id !== undefined) {
    await chown(folder, id, id);
  }
  const { PATH = '' } = outerEnvironment();
  const environment = {
    // Debian's nginx is not on the way of those who are not root: the page must find it all the same.
    PATH: PATH.split(delimiter)
      .filter((directory) => !directory.endsWith('/sbin'))
      .join(delimiter),
    HOME: folder,
    WORK: join(folder, 'work'),
    DATABASE_URL: await emptyDatabase(databaseUrl, `${name}_first`),
    REHEARSAL_DATABASE_URL: await emptyDatabase(databaseUrl, `${name}_rehearsal`),
    ...(await freePorts([...PORTS, 'PORT_NGINX', 'PORT_RECEIVER'])),
  };
  return run(name, environment, id);
}

async function run(name: string, env: Record<string, string>, id?: number): Promise<boolean> {
  const began = performance.now();
  const child = spawn('bash', ['-x', 'docs/operations/first-day.sh'], {
    cwd: root,
    env,
    // What it starts is in its group, and ends with it.
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(id === undefined ? {} : { uid: id, gid: id }),
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  const timer = setTimeout(() => endGroup(child.pid), LIMIT_MS);
  const [status] = await once(child, 'exit');
  clearTimeout(timer);
  endGroup(child.pid);
  print(`${((performance.now() - began) / 1000).toFixed(1).padStart(6)} s  as ${name}`);
  if (status !== 0) {
    print(`ended with ${status}:\n${output}`);
  }
  return status === 0;
}

function endGroup(pid: number | undefined): void {
  try {
    process.kill(-(pid ?? Number.NaN), 'SIGKILL');
  } catch {
    // Nothing is left of it.
  }
}

/** Makes a database of that name beside the one of the address, and gives its address. */
async function emptyDatabase(databaseUrl: string, name: string): Promise<string> {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    await client.query(`CREATE DATABASE "${name}" ENCODING 'UTF8' TEMPLATE template0`);
  } finally {
    await client.end();
  }
  const url = new URL(databaseUrl);
  url.pathname = `/${name}`;
  return url.href;
}

async function freePorts(names: readonly string[]): Promise<Record<string, string>> {
  const ports = await Promise.all(names.map(async (name) => [name, String(await freePort())] as const));
  return Object.fromEntries(ports);
}
