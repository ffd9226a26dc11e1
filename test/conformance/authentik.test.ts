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

  const { all, described, undescribed, exception } = server.validated;
  process.stdout.write(
    `authentik.jsonl: ${steps.length - differences.size} of ${steps.length} answered as recorded; ` +
      `${all} answers are as openapi.yaml describes them, ${described} of them as authentik's schema does ` +
      `(it leaves out the status of ${undescribed}, and ${exception} are its own exceptions)\n`,
  );
  expect(Object.fromEntries(differences)).toEqual({});
});
