import { describe, expect, test } from 'vitest';
import { readConfig } from '../../src/config.ts';
import { openDatabase } from '../../src/database/index.ts';
import { familyOf, kill, postmasterPid, query, temporaryDirectory, untilEnded } from '../support/embedded-tools.ts';
import { until } from '../support/until.ts';
import { auditStore } from './support/audit.ts';
import { inMs, printFigures } from './support/figures.ts';
import { createLedger } from './support/ledger.ts';
import { createMaterial } from './support/material.ts';
import { faultRounds, timeFor } from './support/rounds.ts';
import { embeddedCluster, embeddedUrl, type ServerProcess, startServerProcess } from './support/server-process.ts';
import { startWriters } from './support/writers.ts';

const ROUNDS = faultRounds(2);
const CLIENTS = 10;
const ACKNOWLEDGED = 50;
const IN_FLIGHT = 4;

const DURABLE = { fsync: 'on', full_page_writes: 'on', synchronous_commit: 'on' };
const DURABILITY = `SELECT name, setting FROM pg_settings WHERE name = ANY ('{${Object.keys(DURABLE).join()}}')`;

interface Setting {
  readonly name: string;
  readonly setting: string;
}

/** What makes PostgreSQL's word about a commit good, however it ends: as a stranger's connection has it, and as those of a server have it. */
async function durabilitySettings(environment: Record<string, string>, databaseUrl: string) {
  const { databasePoolSize: poolSize, databaseTimeoutMs: timeoutMs, preparedStatements } = readConfig(environment);
  const log = { warn() {} };
  const ours = openDatabase({ url: databaseUrl, poolSize, timeoutMs, preparedStatements, log });
  try {
    const answers = [
      await query<Setting>(databaseUrl, DURABILITY),
      await ours.query<Setting>(DURABILITY, []),
      await ours.lookUp<Setting>(DURABILITY, []),
      await ours.prisma.$queryRawUnsafe<Setting[]>(DURABILITY),
    ];
    return answers.map((rows) => Object.fromEntries(rows.map(({ name, setting }) => [name, setting])));
  } finally {
    await ours.close();
  }
}

/** All of it at once: none of them may see the end of another and act on it. */
async function killWithPostgres({ pid }: ServerProcess, dataDirectory: string): Promise<number[]> {
  const pids = [pid, ...(await familyOf(postmasterPid(embeddedCluster(dataDirectory))))];
  pids.forEach(kill);
  return pids;
}

async function killAlone({ pid }: ServerProcess): Promise<number[]> {
  kill(pid);
  return [pid];
}

describe('what was acknowledged is there, byte for byte, and the rest is whole or absent', () => {
  test.each([
    ['the server', killAlone],
    ['the server and PostgreSQL together', killWithPostgres],
  ])(
    'after kill -9 of %s',
    async (victim, killAll) => {
      const dataDirectory = await temporaryDirectory();
      const environment = { CERTKEEP_DATA_DIR: dataDirectory };
      const [ledger, material] = [createLedger(), createMaterial()];
      const totals = { acknowledged: 0, cutOff: 0, present: 0, absent: 0 };
      let slowestStart = 0;

      let server = await startServerProcess(environment);
      for (let round = 0; round < ROUNDS; round++) {
        const settings = await durabilitySettings(environment, embeddedUrl(dataDirectory));
        expect(settings).toEqual(settings.map(() => DURABLE));
        const prefix = `round-${round}`;
        const writers = startWriters({ target: server, ledger, material, clients: CLIENTS, prefix });
        // Not always at the same point of the clients' turns.
        const enough = ACKNOWLEDGED + ((round * 7) % 23);
        await until(() => writers.acknowledged >= enough && writers.inFlight === CLIENTS);
        await untilEnded(await killAll(server, dataDirectory));
        await writers.ended;
        expect([...writers.statuses.keys()].filter((status) => ![200, 201, 204, 503].includes(status))).toEqual([]);
        expect(writers.acknowledged).toBeGreaterThanOrEqual(ACKNOWLEDGED);
        expect(writers.broken).toBeGreaterThanOrEqual(IN_FLIGHT);

        server = await startServerProcess(environment);
        const { openOnes, wrongs } = await auditStore(server, ledger, embeddedUrl(dataDirectory));
        expect(wrongs).toEqual([]);
        slowestStart = Math.max(slowestStart, server.readyAfter);
        totals.acknowledged += writers.acknowledged;
        totals.cutOff += writers.broken;
        totals.present += openOnes.present;
        totals.absent += openOnes.absent;
      }

      printFigures(
        `kill -9 of ${victim}: ${ROUNDS} times; ${totals.acknowledged} writes acknowledged and kept, ${totals.cutOff} cut off ` +
          `(pair then there ${totals.present}, absent ${totals.absent}); slowest start ${inMs(slowestStart)}`,
      );
      expect(totals.cutOff).toBeGreaterThanOrEqual(ROUNDS * IN_FLIGHT);
    },
    timeFor(ROUNDS),
  );
});
