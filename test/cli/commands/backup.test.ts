import { spawnSync } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { cp, mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { backupCommands } from '../../../src/cli/commands/backup.ts';
import { UsageError } from '../../../src/cli/commands/command.ts';
import { restoreCommands } from '../../../src/cli/commands/restore.ts';
import { send } from '../../faults/support/client.ts';
import { startServerProcess } from '../../faults/support/server-process.ts';
import { temporaryDirectory } from '../../support/embedded-tools.ts';
import { registerSecret } from '../../support/leaks/secrets.ts';
import { opensslPair } from '../../support/openssl.ts';
import { run } from '../../support/process.ts';
import { programArguments } from '../../support/programs.ts';

const PASSPHRASE = 'correct horse battery staple';
const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

async function certkeep(environment: Record<string, string>, ...words: string[]) {
  const command = run('src/cli/main.ts', words, environment);
  return { code: await command.ended, output: command.output() };
}

/** As a shell redirects it. */
function intoFile(path: string, environment: Record<string, string>, ...words: string[]): number | null {
  const file = openSync(path, 'wx');
  try {
    const options = { cwd: ROOT, env: { PATH: process.env['PATH'], ...environment } };
    const arguments_ = [...programArguments('src/cli/main.ts'), ...words];
    return spawnSync(process.execPath, arguments_, { ...options, stdio: ['ignore', file, 'ignore'] }).status;
  } finally {
    closeSync(file);
  }
}

test('an embedded store is backed up beside its server and restored into another directory, where a server starts and serves it', async () => {
  const directory = await temporaryDirectory();
  const [first, second, third] = ['first', 'second', 'third'].map((name) => join(directory, name)) as [
    string,
    string,
    string,
  ];
  const [sealed, piped, passphrase] = ['sealed', 'piped', 'passphrase'].map((name) => join(directory, name)) as [
    string,
    string,
    string,
  ];
  await writeFile(passphrase, `${PASSPHRASE}\n`);
  const server = await startServerProcess({ CERTKEEP_DATA_DIR: first });
  const here = { CERTKEEP_DATA_DIR: first };
  const pair = opensslPair();
  const created = await send(server, 'POST', '', {
    ...{ name: 'embedded', certificate_data: pair.certificate, key_data: pair.privateKey },
  });
  const { pk } = JSON.parse(created.text) as { pk: string };
  const token = (await certkeep(here, 'token', 'create', '--username', 'ci', '--superuser')).output.trim();
  registerSecret('token', token);

  const backedUp = await certkeep(here, 'backup', sealed, '--passphrase-file', passphrase);
  expect(backedUp.code, backedUp.output).toBe(0);
  expect(backedUp.output).toMatch(/^keypairs: 1$/m);
  expect(backedUp.output).toMatch(new RegExp(`, ${(await stat(sealed)).size} bytes, SHA-256 [0-9a-f]{64}\\n`));
  expect((await stat(sealed)).mode & 0o777).toBe(0o600);
  expect((await certkeep(here, 'backup', sealed)).code).toBe(1);
  expect(intoFile(piped, here, 'backup', '-')).toBe(0);
  expect(await certkeep(here, 'restore', piped)).toMatchObject({
    code: 1,
    output: expect.stringContaining('another server uses the data directory'),
  });
  expect((await send({ url: server.url, token }, 'GET')).status).toBe(200);

  const there = { CERTKEEP_DATA_DIR: second };
  const restored = await certkeep(there, 'restore', sealed, '--passphrase-file', passphrase);
  expect(restored.code, restored.output).toBe(0);
  for (const name of ['kek', 'audit-key']) {
    expect(await readFile(join(second, name), 'utf8')).toBe(await readFile(join(first, name), 'utf8'));
  }
  const successor = await startServerProcess(there);
  for (const holder of [token, successor.token]) {
    const view = await send({ url: successor.url, token: holder }, 'GET', `${pk}/view_private_key/`);
    expect(JSON.parse(view.text)).toEqual({ data: pair.privateKey.trim() });
  }
  // A write, for which no token is believed without asking the database.
  expect((await send({ url: successor.url, token: server.token }, 'POST', '', {})).status).toBe(403);
  expect(successor.process.output()).toContain('the bootstrap token is another one than before');
  expect(await certkeep(there, 'audit', 'verify')).toMatchObject({ code: 0 });

  // Under the KEK: its file is all that must be there.
  await mkdir(third);
  const last = { CERTKEEP_DATA_DIR: third };
  await cp(join(first, 'kek'), join(third, 'kek'));
  expect(await certkeep(last, 'restore', piped)).toMatchObject({ code: 0 });
}, 180_000);

test.each([
  ['backup', []],
  ['backup', ['x', 'y']],
  ['restore', []],
  ['restore', ['x', '--kek']],
])('%s %j is no command, and the usage is shown', async (name, parameters) => {
  await expect({ ...backupCommands, ...restoreCommands }[name]?.run(parameters)).rejects.toThrow(UsageError);
});
