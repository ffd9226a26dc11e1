import { execFile } from 'node:child_process';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { blocksOf } from '../../scripts/support/page.ts';
import { send, type Target } from '../faults/support/client.ts';
import { type ServerProcess, startServerProcess } from '../faults/support/server-process.ts';
import { temporaryDirectory } from '../support/embedded-tools.ts';
import { opensslPair } from '../support/openssl.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const page = blocksOf(await readFile(join(ROOT, 'docs/key-rotation.md'), 'utf8'));

/** A folder in which `npx certkeep` is the command as it stands in the sources. */
async function workplace() {
  const directory = await temporaryDirectory();
  const programs = join(directory, 'programs');
  await mkdir(programs);
  const npx = join(programs, 'npx');
  const loader = import.meta.resolve('tsx');
  await writeFile(
    npx,
    `#!/bin/sh\nshift\nexec '${process.execPath}' --import '${loader}' '${ROOT}src/cli/main.ts' "$@"\n`,
  );
  await chmod(npx, 0o755);
  const env = { PATH: `${programs}:${process.env['PATH']}` };
  const shell = (script: string) => promisify(execFile)('/bin/sh', ['-ec', script], { cwd: directory, env });
  return {
    data: join(directory, 'data'),
    shell,
    /** Runs what the page shows under a heading. */
    async does(heading: string): Promise<string> {
      const block = page.find((each) => each.heading === heading);
      return (await shell(block?.code ?? `echo 'the page has no ${heading}' >&2; exit 1`)).stdout;
    },
  };
}

async function restart(server: ServerProcess, data: string): Promise<ServerProcess> {
  server.process.child.kill('SIGTERM');
  expect(await server.process.ended).toBe(0);
  return startServerProcess({ CERTKEEP_DATA_DIR: data });
}

test('the walk of docs/key-rotation.md takes a running server from one key to another, and reads everything after it', async () => {
  const { data, shell, does } = await workplace();
  const { certificate, privateKey } = opensslPair();
  let server = await startServerProcess({ CERTKEEP_DATA_DIR: data });
  const made = await send(server, 'POST', '', { name: 'walk', certificate_data: certificate, key_data: privateKey });
  const { pk } = JSON.parse(made.text) as { pk: string };
  const viewKey = async (target: Target) => JSON.parse((await send(target, 'GET', `${pk}/view_private_key/`)).text);

  await does('Give every server both keys');
  const early = await does('Rotate').catch((error: { code: number; stderr: string }) => error);
  expect(early).toMatchObject({ code: 1, stderr: expect.stringMatching(/^1 running server does not hold KEK/) });
  server = await restart(server, data);
  const name = new RegExp(`:${server.pid}$`);
  const listed = (await does('See that every server holds both'))
    .trim()
    .split('\n')
    .map((line) => line.split(/ +/));
  expect(listed.map(([, state]) => state)).toEqual(['STATE', 'sealing', 'openable']);
  expect(listed.map((cells) => cells[3])).toEqual(['SECRETS', '1', '0']);
  expect(listed.slice(1).map((cells) => cells[4])).toEqual([expect.stringMatching(name), expect.stringMatching(name)]);

  expect(await does('Rotate')).toBe(`1 re-wrapped under KEK ${listed[2]?.[0]}, 0 left as they are\n`);
  expect(await viewKey(server)).toEqual({ data: privateKey.trim() });
  expect(await does('Retire the old key')).toBe(`KEK ${listed[1]?.[0]} is retired\n`);
  await does('Take the old key away');
  expect((await readFile(join(data, 'kek'), 'utf8')).trim()).toMatch(/^\S{44}$/);
  expect((await shell('ls -l data/kek')).stdout).toMatch(/^-rw-------/);
  server = await restart(server, data);
  expect(await viewKey(server)).toEqual({ data: privateKey.trim() });
}, 180_000);
