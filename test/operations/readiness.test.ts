import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { openReadiness, type ReadinessChecks } from '../../src/operations/readiness.ts';
import { generateKek } from '../../src/sealing/index.ts';
import { createDatabase } from '../support/database.ts';
import { parseExposition } from '../support/exposition.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { commandOn } from '../support/store.ts';
import { until } from '../support/until.ts';

const READY = '/-/health/ready/';
const FORCED = { force: true, watcher: { onBegin() {}, onProgress() {}, onFailure() {} } };
const LAST_MIGRATION = `(SELECT max(migration_name) FROM _prisma_migrations)`;

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.close());

const ready = async (of = server) => {
  const answer = await fetch(of.url + READY);
  return [answer.status, await answer.text()];
};

async function verdicts(of = server) {
  const samples = parseExposition(await of.metrics()).of('certkeep_ready');
  return Object.fromEntries(samples.map(({ labels, value }) => [labels['check'], value]));
}

const reasons = (of: TestServer) => of.log().filter(({ msg }) => /^not ready|^ready again/.test(msg)).length;

describe('a server is ready', () => {
  it('where every migration that it knows is applied, and is not where one is not', async () => {
    expect(await ready()).toEqual([200, '']);
    expect(await verdicts()).toEqual({ database: 1, migrations: 1, canary: 1, draining: 1 });
    const told = reasons(server);

    await server.database.query(
      `UPDATE _prisma_migrations SET finished_at = NULL WHERE migration_name = ${LAST_MIGRATION}`,
    );
    await until(async () => (await ready())[0] === 503);
    expect(await verdicts()).toEqual({ database: 1, migrations: 0, canary: 1, draining: 1 });
    await ready();
    expect(reasons(server)).toBe(told + 1);

    await server.database.query('UPDATE _prisma_migrations SET finished_at = now() WHERE finished_at IS NULL');
    await until(async () => (await ready())[0] === 200);
    expect(reasons(server)).toBe(told + 2);
  });

  it('on a database that a newer version has migrated further', async () => {
    await server.database.query(`INSERT INTO _prisma_migrations (id, checksum, finished_at, migration_name)
      VALUES ('newer', 'x', now(), '99990101000000_newer')`);
    await until(async () => (await verdicts())['migrations'] === 1);
    // Also once it was asked anew.
    const asked = performance.now();
    await until(async () => (await ready())[0] === 200 && performance.now() - asked > 1_100);
  });

  it('not on a database that only reads, as a primary that was demoted does', async () => {
    const database = await createDatabase();
    const reading = await startServer({}, database);
    onTestFinished(async () => {
      await reading.close();
      await database.drop();
    });
    const name = new URL(database.url).pathname.slice(1);
    const breakConnections = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '${name}' AND pid <> pg_backend_pid()`;
    const asOwner = (sql: string) => database.query(`BEGIN READ WRITE; ${sql}; COMMIT; ${breakConnections}`);
    await asOwner(`ALTER DATABASE ${name} SET default_transaction_read_only = on`);
    await until(async () => (await ready(reading))[0] === 503 && (await verdicts(reading))['database'] === 0);

    await asOwner(`ALTER DATABASE ${name} RESET default_transaction_read_only`);
    await until(async () => (await ready(reading))[0] === 200);
  });

  it('only with the KEK that seals, also where that became another one since the start', async () => {
    const database = await createDatabase();
    const [old, young] = [generateKek(), generateKek()];
    const lagging = await startServer({ kek: old }, database);
    onTestFinished(async () => {
      await lagging.close();
      await database.drop();
    });
    expect(await ready(lagging)).toEqual([200, '']);
    const { keks } = await commandOn(database, `${old},${young}`);
    await keks.rotate(FORCED);
    await until(async () => (await ready(lagging))[0] === 503);
    expect(await verdicts(lagging)).toEqual({ database: 1, migrations: 1, canary: 0, draining: 1 });
  });

  it('no more once it drains, at once, while it serves on', async () => {
    const database = await createDatabase();
    const ending = await startServer({}, database);
    onTestFinished(async () => {
      await ending.close();
      await database.drop();
    });
    expect(await ready(ending)).toEqual([200, '']);
    ending.beginDraining();
    expect(await ready(ending)).toEqual([503, '']);
    expect(await verdicts(ending)).toEqual({ database: 1, migrations: 1, canary: 1, draining: 0 });
    expect((await fetch(`${ending.url}/-/health/live/`)).status).toBe(200);
    expect((await ending.request('GET', '/api/v3/crypto/certificatekeypairs/')).status).toBe(200);
  });
});

describe('many probes', () => {
  /** Checks that are counted, on a clock of its own. */
  function judged(checks: Partial<ReadinessChecks> = {}) {
    const state = { at: 0, asked: 0 };
    const lines: string[] = [];
    const database = async () => {
      state.asked++;
      return true;
    };
    const holds = async () => true;
    const tell = (_: object, message: string) => lines.push(message);
    const readiness = openReadiness({
      checks: { database, migrations: holds, canary: holds, ...checks },
      timeoutMs: 50,
      log: { info: tell, warn: tell },
      now: () => state.at,
    });
    return { state, lines, readiness };
  }

  it('share one look at the store, which is a second old at most', async () => {
    const { state, readiness } = judged();
    await Promise.all(Array.from({ length: 50 }, () => readiness.isReady()));
    state.at = 999;
    await readiness.isReady();
    expect(state.asked).toBe(1);
    state.at = 1000;
    await Promise.all(Array.from({ length: 50 }, () => readiness.isReady()));
    expect(state.asked).toBe(2);
  });

  it('are answered in time where the store says nothing, and what can not be told then is not told', async () => {
    const { readiness, lines } = judged({ database: () => new Promise(() => {}) });
    expect(await readiness.isReady()).toBe(false);
    expect(await readiness.verdicts()).toEqual({
      database: false,
      migrations: undefined,
      canary: undefined,
      draining: true,
    });
    expect(lines).toHaveLength(1);
  });

  it('are told the truth where it drains while the store is looked at', async () => {
    const { readiness } = judged();
    const asked = readiness.isReady();
    readiness.beginDraining();
    expect(await asked).toBe(false);
  });
});
