import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runCommand } from '../clients/support/command.ts';
import { startServer, type TestServer } from '../support/server.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const page = readFileSync(join(ROOT, 'docs/clients.md'), 'utf8');

/** The code of the page in one language. */
function code(language: string): string {
  const [, text] = new RegExp(`\`\`\`${language}\n(.*?)\`\`\``, 's').exec(page) ?? [];
  if (text === undefined) {
    throw new Error(`docs/clients.md shows no ${language}`);
  }
  return text;
}

let server: TestServer;
let folder: string;
beforeAll(async () => {
  server = await startServer();
  // Inside the checkout, where the clients are found.
  folder = await mkdtemp(join(ROOT, 'node_modules/.clients-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
  await server.close();
});

test.each(['2026', '2024'])('the TypeScript that docs/clients.md shows runs with the client of %s', async (version) => {
  const file = join(folder, `client-${version}.mts`);
  await writeFile(file, code('ts').replace("'@goauthentik/api'", `'goauthentik-api-${version}'`));

  const env = { AUTHENTIK_URL: server.url, AUTHENTIK_TOKEN: server.token };
  const { output } = await runCommand(process.execPath, ['--import', 'tsx', file], { cwd: ROOT, env, needs: 'node' });

  expect(output).toContain('OU=Self-signed,O=authentik,CN=made by a client');
  const left = await server.request('GET', '/api/v3/crypto/certificatekeypairs/');
  expect(await left.json()).toMatchObject({ results: [] });
});

test('the Terraform that docs/clients.md shows is what the tests of the provider apply', () => {
  const applied = readFileSync(join(ROOT, 'test/clients/terraform/main.tf'), 'utf8');
  for (const block of code('hcl').trim().split('\n\n')) {
    expect(applied).toContain(block);
  }
});
