import { chmod, mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ready, run } from '../support/process.ts';
import { PAIRS } from '../support/server.ts';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'certkeep-audit-key-'));
  await chmod(directory, 0o755);
});
afterEach(() => rm(directory, { recursive: true, force: true }));

/** Runs a server on the directory for the time of one act. */
async function serving(act: (url: string, token: string) => Promise<unknown>): Promise<string> {
  const server = run('src/main.ts', [], { CERTKEEP_DATA_DIR: directory, CERTKEEP_PORT: '0' });
  try {
    const { url } = await ready(server);
    await act(url, (await readFile(join(directory, 'token'), 'utf8')).trim());
  } finally {
    server.child.kill('SIGTERM');
    await server.ended;
  }
  return server.output();
}

function verify() {
  return run('src/cli/main.ts', ['audit', 'verify'], { CERTKEEP_DATA_DIR: directory });
}

test('an embedded store makes its audit key beside the KEK, and goes on loudly where it is lost', async () => {
  const key = join(directory, 'audit-key');
  let view = '';
  const headers = (token: string) => ({ authorization: `Bearer ${token}`, 'content-type': 'application/json' });
  const first = await serving(async (url, token) => {
    expect((await stat(key)).mode & 0o777).toBe(0o600);
    const made = await fetch(`${url}${PAIRS}generate/`, {
      method: 'POST',
      headers: headers(token),
      body: JSON.stringify({ common_name: 'kept', validity_days: 1, alg: 'ecdsa' }),
    });
    view = `${PAIRS}${((await made.json()) as { pk: string }).pk}/view_private_key/`;
  });
  // Sealed at the latest when the server ends.
  expect(first).toContain('sealed a batch of audit events');
  expect(first).not.toContain('audit key is lost');
  expect(await verify().ended).toBe(0);

  const before = await readFile(key, 'utf8');
  await rm(key);
  const second = await serving(async (url, token) => {
    expect((await fetch(`${url}${view}`, { headers: headers(token) })).status).toBe(200);
  });
  expect(second).toContain('the audit key is lost');
  expect(await readFile(key, 'utf8')).not.toBe(before);
  const verification = verify();
  expect(await verification.ended).toBe(2);
  expect(verification.output()).toContain('key-missing: batch 1 ');
}, 120_000);
