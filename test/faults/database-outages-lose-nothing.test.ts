import { describe, expect, test } from 'vitest';
import { generateToken } from '../../src/access/index.ts';
import { generateKek } from '../../src/sealing/index.ts';
import { postmasterPid, temporaryDirectory, until as untilSucceeds } from '../support/embedded-tools.ts';
import { until } from '../support/until.ts';
import { auditStore } from './support/audit.ts';
import { send } from './support/client.ts';
import { type End, startExternalCluster } from './support/external-cluster.ts';
import { inMs, printFigures } from './support/figures.ts';
import { createLedger } from './support/ledger.ts';
import { createMaterial } from './support/material.ts';
import { faultRounds, timeFor } from './support/rounds.ts';
import { embeddedCluster, embeddedUrl, type ServerProcess, startServerProcess } from './support/server-process.ts';
import { startWriters, type Writers } from './support/writers.ts';

const ROUNDS = faultRounds(3);
const CLIENTS = 6;
/**
 * From the kill, or from the operator’s starting it again, until the server serves. One that ends again and again is started after pauses of
 * up to 5 s; the rest is for a machine that is busy.
 */
const RECOVERY_MS = 50_000;

/** The bound of a statement that nobody set: the recovery counts with it. */
const AS_DELIVERED = { CERTKEEP_DATABASE_TIMEOUT_MS: '5000' };

interface Outage {
  /** Takes the database away while the clients write. Resolves, when it comes back, with the time from which the recovery counts. */
  readonly happen: (round: number, refusals: () => number) => Promise<number>;
  readonly databaseUrl: string;
}

/** Lets outages happen under load, and holds the answers meanwhile and the store afterwards against the promise. */
async function endure(what: string, server: ServerProcess, { happen, databaseUrl }: Outage): Promise<void> {
  const [ledger, material] = [createLedger(), createMaterial()];
  const writers = startWriters({ target: server, ledger, material, clients: CLIENTS, prefix: 'writer' });
  const refusals = () => writers.statuses.get(503) ?? 0;
  let slowestRecovery = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const enough = writers.acknowledged + 40;
    await until(() => writers.acknowledged >= enough && writers.inFlight > 0);
    const before = refusals();
    const begin = await happen(round, refusals);
    await until(async () => (await send(server, 'GET', '?page_size=1')).status === 200, 60_000);
    slowestRecovery = Math.max(slowestRecovery, performance.now() - begin);
    await until(() => refusals() > before);
  }
  writers.stop();
  await writers.ended;

  const { openOnes, wrongs } = await auditStore(server, ledger, databaseUrl);
  printFigures(
    `${what}: ${ROUNDS} times; ${writers.acknowledged} writes acknowledged and kept, answers ${list(writers)}, ` +
      `writes refused of which some are there: ${openOnes.present} of ${openOnes.present + openOnes.absent}; ` +
      `slowest recovery ${inMs(slowestRecovery)}`,
  );
  expect(wrongs).toEqual([]);
  expect([...writers.statuses.keys()].filter((status) => ![200, 201, 204, 503].includes(status))).toEqual([]);
  expect(writers.broken).toBe(0);
  expect(slowestRecovery).toBeLessThan(RECOVERY_MS);
}

function list({ statuses }: Writers): string {
  return [...statuses].map(([status, count]) => `${status}: ${count}`).join(', ');
}

describe('under load only successes and 503s are answered, nothing acknowledged is lost, and the server recovers', () => {
  test(
    'when the embedded PostgreSQL is killed',
    async () => {
      const dataDirectory = await temporaryDirectory();
      const server = await startServerProcess({ CERTKEEP_DATA_DIR: dataDirectory, ...AS_DELIVERED });
      await endure('kill -9 of the embedded PostgreSQL', server, {
        databaseUrl: embeddedUrl(dataDirectory),
        async happen() {
          const killed = postmasterPid(embeddedCluster(dataDirectory));
          const begin = performance.now();
          process.kill(killed, 'SIGKILL');
          await untilSucceeds('another one runs', () => postmasterPid(embeddedCluster(dataDirectory)) !== killed);
          return begin;
        },
      });
    },
    timeFor(ROUNDS),
  );

  test(
    'when a PostgreSQL of the operator’s is stopped and started',
    async () => {
      const cluster = await startExternalCluster();
      const token = generateToken();
      const server = await startServerProcess({
        ...AS_DELIVERED,
        DATABASE_URL: cluster.url,
        CERTKEEP_KEK: generateKek(),
        CERTKEEP_BOOTSTRAP_TOKEN: token,
      });
      const ways: readonly End[] = ['SIGINT', 'SIGQUIT', 'SIGKILL'];
      await endure('stop and start of an external PostgreSQL', server, {
        databaseUrl: cluster.url,
        async happen(round, refusals) {
          const before = refusals();
          await cluster.stop(ways[round % ways.length] as End);
          await until(() => refusals() > before);
          const begin = performance.now();
          await cluster.start();
          return begin;
        },
      });
    },
    timeFor(ROUNDS),
  );
});
