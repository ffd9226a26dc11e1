import { afterAll, beforeAll, expect, test } from 'vitest';
import { startServer, type TestServer } from '../support/server.ts';
import { readRecordings, replay } from './replay.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.close());

test('answers every recorded request as authentik did', async () => {
  const steps = readRecordings('authentik.jsonl');
  const differences = await replay(server, steps);

  process.stdout.write(`authentik.jsonl: ${steps.length - differences.size} of ${steps.length} answered as recorded\n`);
  expect(Object.fromEntries(differences)).toEqual({});
});
