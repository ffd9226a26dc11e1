import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { generateToken } from '../src/access/index.ts';
import { startEmbeddedPostgres } from '../src/database/index.ts';
import { generateKek } from '../src/sealing/index.ts';
import { getJson, makePair, PAIRS, type Page, type PairBody, postJson } from './client.ts';
import type { Report } from './report.ts';
import { seed } from './seed.ts';
import { type Memory, type Server, startBaseline, startServer } from './servers.ts';

/** What each measure works with: the server and the baseline, both on one database. */
export interface Bench {
  readonly rounds: number;
  /** Whether every measure runs, and not only those that were asked for. */
  readonly isWhole: boolean;
  readonly report: Report;
  readonly server: Server;
  readonly baseline: Server;
  /** What another server needs to run on the same database. */
  readonly environment: Readonly<Record<string, string>>;
  readonly token: string;
  /** For what a measure puts on the disk; gone afterwards. */
  readonly folder: string;
  readonly postgresVersion: string;
  /** The server's, before anything was asked of it. */
  readonly memoryAtStart: Memory;
  /** A body to create pairs of, each under another name. */
  readonly pair: PairBody;
  /**
   * Makes the store hold exactly so many pairs.
   *
   * @throws {Error} where the server's list counts otherwise
   */
  hold(pairs: number): Promise<void>;
  /** Ends everything that was started. */
  close(): Promise<void>;
}

const silent = { debug() {}, info() {}, warn() {}, error() {} };

/**
 * Starts a PostgreSQL, and the server and the baseline on it.
 *
 * @throws {Error} where one of them does not start; the others are ended
 */
export async function openBench(rounds: number, report: Report, isWhole: boolean): Promise<Bench> {
  const folder = await mkdtemp(join(tmpdir(), 'certkeep-bench-'));
  const endings = [() => rm(folder, { recursive: true, force: true })];
  const close = async () => {
    for (const end of endings.splice(0).toReversed()) {
      await end();
    }
  };
  try {
    const token = generateToken();
    const postgres = await startEmbeddedPostgres({ dataDirectory: join(folder, 'shared'), log: silent });
    endings.push(() => postgres.stop());
    const environment = { DATABASE_URL: postgres.url, CERTKEEP_KEK: generateKek() };
    const server = await startServer(environment, token);
    endings.push(() => server.stop());
    const memoryAtStart = await server.memory();
    const pair = await makePair(server);
    await postJson(server, PAIRS, pair);
    const baseline = await startBaseline(postgres.url, token);
    endings.push(() => baseline.stop());
    return {
      rounds,
      isWhole,
      report,
      server,
      baseline,
      environment,
      token,
      folder,
      postgresVersion: await versionOf(postgres.url),
      memoryAtStart,
      pair,
      async hold(pairs) {
        await seed(postgres.url, pairs);
        const { pagination } = await getJson<Page>(server, PAIRS);
        if (pagination.count !== pairs) {
          throw new Error(`the store holds ${pairs} pairs, and the list says ${pagination.count}`);
        }
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

async function versionOf(url: string): Promise<string> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<{ server_version: string }>('SHOW server_version');
    return rows[0]?.server_version ?? 'unknown';
  } finally {
    await client.end();
  }
}
