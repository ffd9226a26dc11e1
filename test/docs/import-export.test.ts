import { execFile } from 'node:child_process';
import { chmod, mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { blocksOf } from '../../scripts/support/page.ts';
import { send } from '../faults/support/client.ts';
import { startServerProcess } from '../faults/support/server-process.ts';
import { temporaryDirectory } from '../support/embedded-tools.ts';
import { openssl, opensslPair } from '../support/openssl.ts';
import { programArguments } from '../support/programs.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const page = blocksOf(await readFile(join(ROOT, 'docs/operations/import-export.md'), 'utf8'));

test('the commands of docs/operations/import-export.md bring pairs into a running server and out of it again', async () => {
  const directory = await temporaryDirectory();
  const data = join(directory, 'data');
  const { certificate, privateKey } = opensslPair('web.example');
  const programs = join(directory, 'programs');
  await mkdir(programs);
  const words = programArguments('src/cli/main.ts').map((word) => `'${word}'`);
  // The program's path stands below the project, and the commands' below the folder in which they are typed.
  await writeFile(
    join(programs, 'npx'),
    `#!/bin/sh\nshift\nexec '${process.execPath}' ${words
      .join(' ')
      .replace(/'((?:src|dist)\/)/, `'${ROOT}$1`)
      .replace("'tsx'", `'${import.meta.resolve('tsx')}'`)} "$@"\n`,
  );
  await chmod(join(programs, 'npx'), 0o755);
  // A thread that runs from the sources looks for what reads TypeScript where the command was typed.
  await symlink(join(ROOT, 'node_modules'), join(directory, 'node_modules'));
  const env = { PATH: `${programs}:${process.env['PATH']}`, CERTKEEP_DATA_DIR: data };
  const shell = async (script: string) =>
    (await promisify(execFile)('/bin/sh', ['-ec', script], { cwd: directory, env })).stdout;
  const does = (heading: string) => shell(page.find((each) => each.heading === heading)?.code ?? 'exit 1');

  await writeFile(join(directory, 'fullchain.pem'), certificate);
  await writeFile(join(directory, 'privkey.pem'), privateKey);
  await writeFile(join(directory, 'passphrase'), 'long secret\n');
  await mkdir(join(directory, 'certificates', 'mail'), { recursive: true });
  await writeFile(join(directory, 'certificates', 'mail', 'tls.crt'), certificate);
  const files = ['-in', join(directory, 'fullchain.pem'), '-inkey', join(directory, 'privkey.pem')];
  openssl([
    'pkcs12',
    '-export',
    ...files,
    '-out',
    join(directory, 'web.p12'),
    '-passout',
    'pass:long secret',
    '-name',
    'p12',
  ]);
  const server = await startServerProcess({ CERTKEEP_DATA_DIR: data });

  expect(await does('Import a pair')).toMatch(/^created {2}web {2}fullchain\.pem\n1 created/);
  const listed = JSON.parse((await send(server, 'GET', '?name=web')).text) as { results: { pk: string }[] };
  const viewed = await send(server, 'GET', `${listed.results[0]?.pk}/view_private_key/`);
  expect(JSON.parse(viewed.text)).toEqual({ data: privateKey });
  expect(await shell('cat fullchain.pem | npx certkeep import --name web --certificate -')).toMatch(
    /^0 created, 0 updated, 1 unchanged/,
  );

  expect(await does('Import a PKCS#12 file')).toMatch(/^created {2}p12 {2}web\.p12\n/);
  expect(await does('Import a directory')).toMatch(
    /^created {2}mail .*\n1 created.*; nothing was written\ncreated {2}mail .*\n1 created.* passed over\n$/,
  );

  expect(await does('Export')).toBe(
    '3 exported, 2 of them with private key, 0 refused\n1 exported, 1 of them with private key, 0 refused\n',
  );
  expect((await readdir(join(directory, 'out'))).sort()).toEqual(['certkeep-export.jsonl', 'mail', 'p12', 'web']);
  expect(await readFile(join(directory, 'out/web/privkey.pem'), 'utf8')).toBe(privateKey);
  expect(await readdir(join(directory, 'out-of-web/web'))).toEqual(['keypair.p12']);
  expect(await does('Import an export')).toMatch(/^0 created, 0 updated, 3 unchanged, 0 refused/);
}, 180_000);
