import { randomInt } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startServer, type TestServer } from '../support/server.ts';
import { recordedLeft } from './fresh/left.ts';
import { makeAnew } from './fresh/recording.ts';
import { readRecordings, replay } from './replay.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.close());

test('answers every recorded request as authentik did when all names, certificates and keys are others', async () => {
  // The seed of a failed run repeats its names: REPLAY_SEED=N npx vitest run test/conformance/authentik-fresh
  const seed = Number(process.env['REPLAY_SEED'] ?? randomInt(2 ** 32));
  const recorded = readRecordings('authentik.jsonl');
  const steps = makeAnew(recorded, seed);
  expect(recordedLeft(recorded, steps), `seed ${seed}`).toEqual([]);

  const differences = await replay(server, steps);

  const answered = steps.length - differences.size;
  process.stdout.write(
    `authentik.jsonl, made anew (seed ${seed}): ${answered} of ${steps.length} answered as recorded\n`,
  );
  expect(Object.fromEntries(differences), `seed ${seed}`).toEqual({});
});
