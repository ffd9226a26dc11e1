import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { isRunning, postmasterPid, query, temporaryDirectory } from '../support/embedded-tools.ts';
import { until } from '../support/until.ts';
import { auditStore } from './support/audit.ts';
import { send } from './support/client.ts';
import { inMs, printFigures } from './support/figures.ts';
import { createLedger } from './support/ledger.ts';
import { createMaterial } from './support/material.ts';
import { KILLS } from './support/process-tree.ts';
import { isLongRun, startRounds, timeFor } from './support/rounds.ts';
import { embeddedCluster, embeddedUrl, spawnServer, startServerProcess } from './support/server-process.ts';
import { startWriters } from './support/writers.ts';

const ROUNDS = startRounds();

type Reached = (dataDirectory: string) => boolean | Promise<boolean>;

/** A directory has its own name only when it is complete. */
const unfinished = (file: string) => (dataDirectory: string) =>
  readdirSync(dataDirectory).some((name) => name.includes('.new-') && existsSync(join(dataDirectory, name, file)));
const there = (file: string) => (dataDirectory: string) => existsSync(join(dataDirectory, file));
const found = (statement: string) => async (dataDirectory: string) =>
  (await query(embeddedUrl(dataDirectory), statement).catch(() => [])).length > 0;

/** What a first start makes, in this order. */
const STAGES: readonly (readonly [string, Reached])[] = [
  ['a directory for the cluster', unfinished('')],
  ['its first files', unfinished('PG_VERSION')],
  ['its system tables', unfinished('base/1/PG_VERSION')],
  ['the name of the cluster', there('postgres')],
  ['the pid file', there('postgres/postmaster.pid')],
  ['the socket', there('socket/.s.PGSQL.5432')],
  ['the database', found('SELECT 1')],
  ['the tables', found("SELECT 1 FROM pg_class WHERE relname = 'keypairs'")],
  ['the key-encryption key', there('kek')],
  ['the token', there('token')],
];

const WAYS = Object.keys(KILLS) as (keyof typeof KILLS)[];
/** A step that is coprime to the number of ways meets each way and a stage of each kind. */
const STEP = isLongRun() ? 1 : 11;
const CUTS = STAGES.flatMap(([stage, reached]) => WAYS.map((way) => ({ stage, reached, way }))).filter(
  (_cut, index) => index % STEP === 0,
);

/** Lets a server do all but its last step, to listen: however late a kill comes, it meets a first start. */
const NEVER_LISTENS = `data:text/javascript,${encodeURIComponent(`
  import { Server } from 'node:net';
  Server.prototype.listen = function () {
    return this;
  };`)}`;

/** The stages pass quickly: looked at more often than `until` looks. */
async function promptly(reached: () => boolean | Promise<boolean>): Promise<void> {
  for (const end = performance.now() + 60_000; !(await reached()); ) {
    if (performance.now() > end) {
      throw new Error('the stage was not reached');
    }
    await pause(1);
  }
}

test.each(CUTS)(
  'a first start that was killed ($way) when it had made $stage is followed by one that serves',
  async ({ stage, reached, way }) => {
    const dataDirectory = await temporaryDirectory();
    const first = spawnServer({ CERTKEEP_DATA_DIR: dataDirectory, NODE_OPTIONS: `--import ${NEVER_LISTENS}` });
    await promptly(() => first.child.exitCode !== null || reached(dataDirectory));
    const killed = await KILLS[way](first.child.pid as number);
    expect(first.output()).not.toContain('listening at');

    const second = await startServerProcess({ CERTKEEP_DATA_DIR: dataDirectory });
    const body = { common_name: 'after', validity_days: 1, alg: 'ecdsa' };
    expect((await send(second, 'POST', 'generate/', body)).status).toBe(200);
    expect(readdirSync(dataDirectory).filter((name) => name.includes('.new-'))).toEqual([]);
    printFigures(
      `first start killed ${way} at "${stage}": 1 time, ${killed} processes; next start ${inMs(second.readyAfter)}`,
    );
  },
  timeFor(1),
);

/** The number in it belongs to a process of today, as after a restart of the machine or of a container. */
function giveAwayPid(dataDirectory: string): void {
  const pidFile = join(embeddedCluster(dataDirectory), 'postmaster.pid');
  const { uid, gid } = statSync(pidFile);
  const stranger = spawn('/bin/sleep', ['600'], { uid, gid, cwd: '/', stdio: 'ignore' });
  onTestFinished(() => void stranger.kill('SIGKILL'));
  writeFileSync(pidFile, readFileSync(pidFile, 'utf8').replace(/^\d+/, String(stranger.pid)));
}

test.each([
  { left: 'an orphaned PostgreSQL', way: 'with the shell above PostgreSQL', leave: () => {}, orphan: true },
  { left: 'a stale pid file of another’s pid', way: 'with all that it started', leave: giveAwayPid, orphan: false },
] as const)(
  'a server that was killed under load and left $left is followed by one that has all that was acknowledged',
  async ({ left, way, leave, orphan }) => {
    const dataDirectory = await temporaryDirectory();
    const [ledger, material] = [createLedger(), createMaterial()];
    const totals = { acknowledged: 0, cutOff: 0, slowestStart: 0 };
    let server = await startServerProcess({ CERTKEEP_DATA_DIR: dataDirectory });
    for (let round = 0; round < ROUNDS; round++) {
      const writers = startWriters({ target: server, ledger, material, clients: 6, prefix: `round-${round}` });
      await until(() => writers.acknowledged >= 50 && writers.inFlight >= 4);
      const postmaster = postmasterPid(embeddedCluster(dataDirectory));
      await KILLS[way](server.pid);
      await writers.ended;
      expect(await isRunning(postmaster)).toBe(orphan);
      leave(dataDirectory);

      server = await startServerProcess({ CERTKEEP_DATA_DIR: dataDirectory });
      expect((await auditStore(server, ledger, embeddedUrl(dataDirectory))).wrongs).toEqual([]);
      expect(await isRunning(postmaster)).toBe(false);
      totals.acknowledged += writers.acknowledged;
      totals.cutOff += writers.broken;
      totals.slowestStart = Math.max(totals.slowestStart, server.readyAfter);
    }
    printFigures(
      `${left}: ${ROUNDS} times; ${totals.acknowledged} writes acknowledged and kept, ${totals.cutOff} cut off; slowest start after it ${inMs(totals.slowestStart)}`,
    );
  },
  timeFor(ROUNDS),
);
