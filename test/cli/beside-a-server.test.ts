import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { send } from '../faults/support/client.ts';
import { spawnServer, startServerProcess } from '../faults/support/server-process.ts';
import { isRunning, kill, postmasterPid, temporaryDirectory, untilEnded } from '../support/embedded-tools.ts';
import { run } from '../support/process.ts';

const CREATE = ['token', 'create', '--username', 'ci', '--superuser'];

async function createToken(dataDirectory: string): Promise<string> {
  const command = run('src/cli/main.ts', CREATE, { CERTKEEP_DATA_DIR: dataDirectory });
  expect(await command.ended, command.output()).toBe(0);
  return command.output().trim();
}

test('a command works on the embedded database of a running server, whose PostgreSQL it neither ends nor starts again', async () => {
  const dataDirectory = await temporaryDirectory();
  const server = await startServerProcess({ CERTKEEP_DATA_DIR: dataDirectory });
  const postmaster = postmasterPid(join(dataDirectory, 'postgres'));

  const token = await createToken(dataDirectory);
  expect((await send({ url: server.url, token }, 'GET')).status).toBe(200);
  expect(postmasterPid(join(dataDirectory, 'postgres'))).toBe(postmaster);
  expect(await isRunning(postmaster)).toBe(true);

  const second = spawnServer({ CERTKEEP_DATA_DIR: dataDirectory });
  expect(await second.ended).toBe(1);
  expect((await send(server, 'GET')).status).toBe(200);
}, 120_000);

test('a command leaves the token alone that the operator gave to the server, and not to the command', async () => {
  const dataDirectory = await temporaryDirectory();
  const given = {
    CERTKEEP_DATA_DIR: dataDirectory,
    CERTKEEP_BOOTSTRAP_TOKEN: 'a-token-of-the-operator-with-32-characters',
  };
  const server = await startServerProcess(given);
  const token = await createToken(dataDirectory);

  // A write, for which no token is believed without asking the database.
  const statuses = [server, { url: server.url, token }, { url: server.url, token: 'none' }].map(async (target) => {
    return (await send(target, 'POST', '', {})).status;
  });
  expect(await Promise.all(statuses)).toEqual([400, 400, 403]);
  expect(existsSync(join(dataDirectory, 'token'))).toBe(false);
}, 120_000);

test('a command works after the server ended, and after it was killed, on a PostgreSQL of its own that it ends', async () => {
  const dataDirectory = await temporaryDirectory();
  const cluster = join(dataDirectory, 'postgres');
  const first = await startServerProcess({ CERTKEEP_DATA_DIR: dataDirectory });
  first.process.child.kill('SIGTERM');
  await first.process.ended;
  const tokens = [await createToken(dataDirectory)];

  const second = await startServerProcess({ CERTKEEP_DATA_DIR: dataDirectory });
  const postmaster = postmasterPid(cluster);
  kill(second.pid);
  await second.process.ended;
  tokens.push(await createToken(dataDirectory));
  await untilEnded([postmaster]);

  const third = await startServerProcess({ CERTKEEP_DATA_DIR: dataDirectory });
  for (const token of tokens) {
    expect((await send({ url: third.url, token }, 'GET')).status).toBe(200);
  }
}, 120_000);

test.each([
  ['audit', 'verify'],
  ['token', 'list'],
  ['kek', 'list'],
])(
  '%s %s makes no store where there is none, and says so',
  async (...words) => {
    const dataDirectory = join(await temporaryDirectory(), 'another');
    const command = run('src/cli/main.ts', words, { CERTKEEP_DATA_DIR: dataDirectory });
    expect(await command.ended).toBe(78);
    expect(command.output()).toContain(dataDirectory);
    expect(existsSync(dataDirectory)).toBe(false);
  },
  60_000,
);
