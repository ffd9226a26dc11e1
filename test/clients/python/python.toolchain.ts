import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { CommandResult } from '../support/command.ts';
import { createEnvironment, type PythonEnvironment, SUITES } from './environment.ts';
import { type Servers, startServers } from './servers.ts';

const INSTALLATION_TIMEOUT_MS = 5 * 60_000;

let servers: Servers;
beforeAll(async () => {
  servers = await startServers();
});
afterAll(() => servers.close());

describe.each([
  { client: 'panapi 0.0.1', requirements: 'panapi.requirements.txt', modules: ['test_panapi'] },
  {
    client: 'pan-scm-sdk 0.15.1',
    requirements: 'pan_scm_sdk.requirements.txt',
    modules: ['test_pan_scm_sdk', 'test_pan_scm_sdk_errors'],
  },
  { client: 'actoolkit 3.0.2', requirements: 'actoolkit.requirements.txt', modules: ['test_actoolkit'] },
])('$client', ({ requirements, modules }) => {
  let python: PythonEnvironment;
  beforeAll(async () => {
    python = await createEnvironment(requirements);
  }, INSTALLATION_TIMEOUT_MS);
  afterAll(() => python.remove());

  describe.each(modules)('%s', (module) => {
    let run: CommandResult;
    beforeAll(async () => {
      run = await python.runTests(module, servers.env);
      process.stdout.write((run.stdout.match(/^RAISED .*\n/gm) ?? []).join(''));
    });

    test.each(testsIn(module))('%s', (name) => {
      expect(run.output).toMatch(new RegExp(`^${name} \\(.*\\) \\.\\.\\. ok$`, 'm'));
    });

    test('all of it passes, and nothing is skipped', () => {
      expect(run.exitCode, run.output).toBe(0);
      expect(run.output).toMatch(new RegExp(`^Ran ${testsIn(module).length} tests in .*\n\nOK\n`, 'm'));
    });
  });
});

/** Their names, so that each is reported by its own. */
function testsIn(module: string): string[] {
  const source = readFileSync(join(SUITES, `${module}.py`), 'utf8');
  return [...source.matchAll(/^ {4}def (test_\w+)/gm)].map(([, name]) => name ?? '');
}
