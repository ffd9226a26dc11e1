import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { areWeRoot, unprivilegedAccount } from '../../src/database/embedded/account.ts';
import { makePrivateDirectory } from '../../src/database/embedded/files.ts';
import { postmasterPid, temporaryDirectory } from '../support/embedded-tools.ts';
import { send } from './support/client.ts';
import { inMs, printFigures } from './support/figures.ts';
import { startRounds, timeFor } from './support/rounds.ts';
import { embeddedCluster, spawnServer, startServerProcess } from './support/server-process.ts';

const GENERATE = { validity_days: 1, alg: 'ed25519' };
/** Debian's. */
const OTHER_MAJOR = '/usr/lib/postgresql/15/bin/initdb';

const ROUNDS = startRounds();

/** Starts a server that is to end by itself, and tells how. */
async function refusal(dataDirectory: string) {
  const begin = performance.now();
  const server = spawnServer({ CERTKEEP_DATA_DIR: dataDirectory });
  const exitCode = await server.ended;
  return { exitCode, output: server.output(), after: performance.now() - begin };
}

describe('data of another major version of PostgreSQL are refused with the way to carry them over', () => {
  const theWay = (found: string) =>
    new RegExp(`PostgreSQL ${found}; this Certkeep brings PostgreSQL 18.*pg_dump -h .*pg_restore -h `, 's');

  test(
    'and stay as they are: their own version still serves them',
    async () => {
      const dataDirectory = await temporaryDirectory();
      const first = await startServerProcess({ CERTKEEP_DATA_DIR: dataDirectory });
      expect((await send(first, 'POST', 'generate/', { ...GENERATE, common_name: 'kept' })).status).toBe(200);
      first.process.child.kill('SIGTERM');
      expect(await first.process.ended).toBe(0);

      const versionFile = join(embeddedCluster(dataDirectory), 'PG_VERSION');
      const version = await readFile(versionFile, 'utf8');
      await writeFile(versionFile, '17\n');
      let slowest = 0;
      for (let round = 0; round < ROUNDS; round++) {
        const { exitCode, output, after } = await refusal(dataDirectory);
        expect(output).toMatch(theWay('17'));
        expect(output).toContain(`mv '${embeddedCluster(dataDirectory)}'`);
        expect(exitCode).toBe(1);
        slowest = Math.max(slowest, after);
      }
      printFigures(`data of another major version: refused ${ROUNDS} times, the slowest after ${inMs(slowest)}`);

      await writeFile(versionFile, version);
      const second = await startServerProcess({ CERTKEEP_DATA_DIR: dataDirectory });
      expect(JSON.parse((await send(second, 'GET')).text)).toMatchObject({ results: [{ name: 'kept' }] });
    },
    timeFor(ROUNDS),
  );

  test.runIf(existsSync(OTHER_MAJOR))(
    'also where that version made them itself',
    async () => {
      const dataDirectory = await temporaryDirectory();
      const cluster = embeddedCluster(dataDirectory);
      const account = areWeRoot() ? await unprivilegedAccount() : undefined;
      await makePrivateDirectory(cluster, account);
      const identity = account === undefined ? {} : { uid: account.uid, gid: account.gid };
      execFileSync(OTHER_MAJOR, ['-D', cluster, '-U', 'postgres', '-A', 'trust', '--no-sync'], {
        ...identity,
        cwd: '/',
        stdio: 'ignore',
      });
      for (let round = 0; round < ROUNDS; round++) {
        const { exitCode, output } = await refusal(dataDirectory);
        expect(output).toMatch(theWay('15'));
        expect(exitCode).toBe(1);
      }
      printFigures(`data that PostgreSQL 15 made: refused ${ROUNDS} times`);
    },
    timeFor(ROUNDS),
  );
});

test(
  'of two servers on one data directory the second says so and ends, and the first serves on',
  async () => {
    const dataDirectory = await temporaryDirectory();
    const first = await startServerProcess({ CERTKEEP_DATA_DIR: dataDirectory });
    const postmaster = postmasterPid(embeddedCluster(dataDirectory));

    let slowest = 0;
    for (let round = 0; round < ROUNDS; round++) {
      const { exitCode, output, after } = await refusal(dataDirectory);
      expect(output).toContain(`another server uses the data directory ${embeddedCluster(dataDirectory)}`);
      expect(output).toContain('Stop that one first, or give this one a directory of its own.');
      expect(output).not.toContain('    at ');
      expect(exitCode).toBe(1);
      slowest = Math.max(slowest, after);
    }

    expect(postmasterPid(embeddedCluster(dataDirectory))).toBe(postmaster);
    expect((await send(first, 'POST', 'generate/', { ...GENERATE, common_name: 'after' })).status).toBe(200);
    printFigures(`second server on a data directory: refused ${ROUNDS} times, the slowest after ${inMs(slowest)}`);
  },
  timeFor(ROUNDS),
);
