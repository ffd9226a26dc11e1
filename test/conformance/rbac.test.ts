import { afterAll, beforeAll, expect, test } from 'vitest';
import { startServer, type TestServer } from '../support/server.ts';
import type { Caller } from './rbac-recording.ts';
import { readRbacLines } from './rbac-recording.ts';
import { replayRbac } from './rbac-replay.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.close());

test.each(['anonymous', 'invalid_token', 'superuser'] as const)('answers %s as authentik did', async (kind) => {
  const lines = readRbacLines().filter(({ caller }) => caller.kind === kind);
  const differences = await replayRbac(server, lines, tokenOf);

  process.stdout.write(
    `rbac.jsonl, ${kind}: ${lines.length - differences.size} of ${lines.length} answered as recorded\n`,
  );
  expect(lines.length).toBeGreaterThan(0);
  expect(Object.fromEntries(differences)).toEqual({});
});

function tokenOf({ kind }: Caller): string | undefined {
  return kind === 'superuser' ? server.token : kind === 'invalid_token' ? 'nope' : undefined;
}
