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

/** Each answers one caller after the other; beside each other, since a replay mostly waits for its database's disk. */
const LANES = 4;

let lanes: { readonly server: TestServer; free: Promise<unknown> }[];
beforeAll(async () => {
  const servers = await Promise.all(Array.from({ length: LANES }, () => startServer()));
  lanes = servers.map((server) => ({ server, free: Promise.resolve() }));
});
afterAll(async () => {
  await Promise.all(lanes.map(({ server }) => server.close()));
});

/** Waits for a server that nobody else uses. */
function onAnyServer<T>(act: (server: TestServer) => Promise<T>): Promise<T> {
  const [lane, ...others] = lanes;
  if (lane === undefined) {
    throw new Error('there is no server');
  }
  lanes = [...others, lane];
  const done = lane.free.then(() => act(lane.server));
  lane.free = done.catch(() => {});
  return done;
}

/** Sends all requests of the recording as a caller that it lacks. */
function replayAs(caller: Caller): Promise<Record<string, string[]>> {
  const lines = requests.map((line) => ({
    ...line,
    id: line.id.replace(/^superuser/, caller.name),
    caller,
    expect: predict(caller, line),
  }));
  return onAnyServer(async (server) => Object.fromEntries(await replayRbac(server, lines, tokensOf(server))));
}

const isRecorded = ({ name }: Caller) =>
  recorded.some(({ caller }) => caller.name === name.replaceAll('_certificatekeypair', ''));

test.concurrent.each(systematicCallers().filter((caller) => !isRecorded(caller)))(
  'answers whoever holds $name by the rules',
  async (caller) => {
    expect(requests).toHaveLength(71);
    expect(await replayAs(caller)).toEqual({});
  },
  60_000,
);

test(`answers callers who are drawn from all ${CALLERS} that there can be by the rules`, async () => {
  const random = seededRandom(SEED);
  const callers = Array.from({ length: DRAWN }, () => anyCaller(random(CALLERS)));
  const differences = await Promise.all(callers.map(replayAs));
  for (const [index, caller] of callers.entries()) {
    expect(differences[index], `seed ${SEED}, ${caller.name}`).toEqual({});
  }
  process.stdout.write(
    `rules of contract §2.1: ${systematicCallers().length} callers of a system, ${DRAWN} drawn (seed ${SEED})\n`,
  );
}, 120_000);
