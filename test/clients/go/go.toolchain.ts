import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startServer, type TestServer } from '../../support/server.ts';
import { runCommand } from '../support/command.ts';

const MODULE = fileURLToPath(new URL('.', import.meta.url));

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.close());

test.each([
  { client: 'v3.2026050.3', flags: [] },
  { client: 'v3.2024123.7', flags: ['-modfile=go.2024.mod', '-tags=authentik2024'] },
])('the official Go client $client understands every answer', async ({ client, flags }) => {
  const environment = {
    CERTKEEP_TEST_URL: server.url,
    CERTKEEP_TEST_TOKEN: server.token,
    // A workspace around the checkout must not choose other versions.
    GOWORK: 'off',
  };
  const options = { cwd: MODULE, env: environment, needs: 'Go 1.25 or newer' };

  const listed = await runCommand('go', ['list', ...flags, '-m', 'goauthentik.io/api/v3'], options);
  expect(listed.stdout, listed.output).toContain(client);

  const tested = await runCommand('go', ['test', '-count=1', '-v', ...flags, './...'], options);
  expect(tested.exitCode, tested.output).toBe(0);
  expect(tested.output).toMatch(/^ok\s+certkeep\.test\/clients\s+[\d.]+s$/m);
  expect(tested.output).not.toContain('--- SKIP');
});
