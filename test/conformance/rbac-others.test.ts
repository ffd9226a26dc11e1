import { randomInt } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startServer, type TestServer } from '../support/server.ts';
import { seededRandom } from './fresh/random.ts';
import { anyCaller, CALLERS, systematicCallers } from './rbac-callers.ts';
import { predict } from './rbac-oracle.ts';
import { type Caller, readRbacLines } from './rbac-recording.ts';
import { replayRbac } from './rbac-replay.ts';
import { tokensOf } from './rbac-tokens.ts';

// The seed of a failed run draws its callers again: REPLAY_SEED=N npx vitest run test/conformance/rbac-others
const SEED = Number(process.env['REPLAY_SEED'] ?? randomInt(2 ** 32));
const DRAWN = 8;

const recorded = readRbacLines();
const requests = recorded.filter(({ caller }) => caller.name === 'superuser');

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.close());

/** Sends all requests of the recording as a caller that it lacks. */
async function replayAs(caller: Caller): Promise<Record<string, string[]>> {
  const lines = requests.map((line) => ({
    ...line,
    id: line.id.replace(/^superuser/, caller.name),
    caller,
    expect: predict(caller, line),
  }));
  return Object.fromEntries(await replayRbac(server, lines, tokensOf(server)));
}

const isRecorded = ({ name }: Caller) =>
  recorded.some(({ caller }) => caller.name === name.replaceAll('_certificatekeypair', ''));

test.each(systematicCallers().filter((caller) => !isRecorded(caller)))(
  'answers whoever holds $name by the rules',
  async (caller) => {
    expect(requests).toHaveLength(71);
    expect(await replayAs(caller)).toEqual({});
  },
  60_000,
);

test(`answers callers who are drawn from all ${CALLERS} that there can be by the rules`, async () => {
  const random = seededRandom(SEED);
  for (let drawn = 0; drawn < DRAWN; drawn += 1) {
    const caller = anyCaller(random(CALLERS));
    expect(await replayAs(caller), `seed ${SEED}, ${caller.name}`).toEqual({});
  }
  process.stdout.write(
    `rules of contract §2.1: ${systematicCallers().length} callers of a system, ${DRAWN} drawn (seed ${SEED})\n`,
  );
}, 120_000);
