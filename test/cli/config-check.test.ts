import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ENVIRONMENT_NAMES } from '../../src/environment.ts';
import { run } from '../support/process.ts';

const KEK = Buffer.alloc(32, 9).toString('base64');
const DATABASE_URL = 'postgresql://me:hunter2@db.invalid/keep';

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'certkeep-config-'));
});
afterAll(() => rm(directory, { recursive: true }));

async function outcome(program: 'src/main.ts' | 'src/cli/main.ts', environment: Record<string, string>) {
  const parameters = program === 'src/main.ts' ? [] : ['config', 'check'];
  const { ended, output } = run(program, parameters, { CERTKEEP_DATA_DIR: directory, ...environment });
  const exitCode = await ended;
  return { exitCode, output: output() };
}

test('config check shows every variable with what is in effect and where it comes from, and no secret', async () => {
  const file = join(directory, 'kek');
  await writeFile(file, KEK);
  const { exitCode, output } = await outcome('src/cli/main.ts', {
    ...{ DATABASE_URL, CERTKEEP_KEK_FILE: file, CERTKEEP_PORT: '9100', CERTKEEP_PROT: 'misspelt' },
  });

  expect(exitCode).toBe(0);
  const shown = output.split('\n').map((line) => line.split(/ {2,}/));
  expect(shown.map(([name]) => name)).toEqual(expect.arrayContaining([...ENVIRONMENT_NAMES]));
  expect(shown).toContainEqual(['DATABASE_URL', 'given', 'environment']);
  expect(shown).toContainEqual(['CERTKEEP_KEK', file, 'file']);
  expect(shown).toContainEqual(['CERTKEEP_PORT', '9100', 'environment']);
  expect(shown).toContainEqual(['CERTKEEP_HOST', '127.0.0.1', 'default']);
  expect(output).toContain('CERTKEEP_PROT: is no variable of this version');
  expect(output).not.toMatch(/hunter2|misspelt/);
  expect(output).not.toContain(KEK);
});

test.each([
  ['CERTKEEP_PORT', { CERTKEEP_PORT: '70000' }],
  ['CERTKEEP_KEK', { DATABASE_URL, CERTKEEP_KEK: 'hunter2' }],
  ['CERTKEEP_KEK', { DATABASE_URL }],
  ['CERTKEEP_AUDIT_KEY', { CERTKEEP_AUDIT_KEY: 'hunter2' }],
  ['CERTKEEP_WEBHOOK_SECRET', { CERTKEEP_WEBHOOK_URL: 'https://hunter2.example' }],
  ['DATABASE_URL_FILE', { DATABASE_URL_FILE: '/nowhere/at/all' }],
])('config check and the server both end with 78 over %s, and name it', async (name, environment) => {
  const programs = ['src/main.ts', 'src/cli/main.ts'] as const;
  for (const { exitCode, output } of await Promise.all(programs.map((program) => outcome(program, environment)))) {
    expect(exitCode).toBe(78);
    expect(output).toContain(name);
    expect(output).not.toContain('hunter2');
  }
});

test('config check misses a directory of certificates that is not there', async () => {
  const { exitCode, output } = await outcome('src/cli/main.ts', { CERTKEEP_DISCOVERY_DIR: join(directory, 'none') });
  expect(exitCode).toBe(78);
  expect(output).toContain("CERTKEEP_DISCOVERY_DIR: can't be read (ENOENT)");
});
