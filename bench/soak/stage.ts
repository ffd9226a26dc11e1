import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePort } from '../../scripts/support/free-port.ts';
import { generateToken } from '../../src/access/index.ts';
import { startEmbeddedPostgres } from '../../src/database/index.ts';
import { generateKek } from '../../src/sealing/index.ts';
import { makePair, PAIRS, type PairBody, postJson } from '../client.ts';
import { seed } from '../seed.ts';
import { startCertkeep } from '../servers.ts';
import { openReceiver, type Receiver } from './receiver.ts';

/** So many pairs are there all the time. */
const STOCK = 1000;
const LONG_TEXT = 900_000;
const PATIENCE_MS = 60_000;
/** pino's `error` and `fatal`. */
const ERRORS_IN_THE_LOG = /"level":(?:"(?:error|fatal)"|[56]0)/;

/** What the server's process said of itself after a collection of garbage; sizes in bytes. */
export interface Probed {
  readonly heapUsed: number;
  readonly external: number;
  readonly rss: number;
  /** What keeps the event loop alive, by its kind. */
  readonly resources: Readonly<Record<string, number>>;
}

/** The server under load and what it works with. */
export interface Stage {
  readonly url: string;
  readonly metricsUrl: string;
  readonly databaseUrl: string;
  readonly token: string;
  readonly pid: number;
  readonly pair: PairBody;
  /** An account of Astra's. */
  readonly account: string;
  /** The path of an answer of nearly a megabyte. */
  readonly long: string;
  readonly receiver: Receiver;
  probe(): Promise<Probed>;
  /** The first lines of the log that tell of an error. */
  errorsInTheLog(): Promise<readonly string[]>;
  close(): Promise<void>;
}

const silent = { debug() {}, info() {}, warn() {}, error() {} };

/** @throws {Error} where something does not start; what did is ended */
export async function openStage(): Promise<Stage> {
  const folder = await mkdtemp(join(tmpdir(), 'certkeep-soak-'));
  const endings = [() => rm(folder, { recursive: true, force: true })];
  const close = async () => {
    for (const end of endings.splice(0).toReversed()) {
      await end();
    }
  };
  try {
    const postgres = await startEmbeddedPostgres({ dataDirectory: join(folder, 'shared'), log: silent });
    endings.push(() => postgres.stop());
    const secret = `whsec_${randomBytes(32).toString('base64')}`;
    const receiver = await openReceiver(secret);
    endings.push(() => receiver.close());
    const [token, log, metricsPort] = [generateToken(), join(folder, 'log'), await freePort()];
    const environment = {
      DATABASE_URL: postgres.url,
      CERTKEEP_KEK: generateKek(),
      CERTKEEP_METRICS_PORT: String(metricsPort),
      CERTKEEP_WEBHOOK_URL: receiver.url,
      CERTKEEP_WEBHOOK_SECRET: secret,
      CERTKEEP_WEBHOOK_PRIVATE_NETWORKS: '127.0.0.1',
    };
    const probe = new URL('probe.js', import.meta.url).href;
    const options = ['--expose-gc', '--import', probe];
    const { child, server } = await startCertkeep(options, environment, token, ['ipc'], log);
    endings.push(() => server.stop());
    const pair = await makePair(server);
    await postJson(server, PAIRS, pair);
    await seed(postgres.url, STOCK);
    const long = { name: 'long', certificate_data: `${'x'.repeat(LONG_TEXT)}\n${pair.certificate_data}` };
    const { pk } = await postJson<{ pk: string }>(server, PAIRS, long);
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['dist/cli/main.js', 'account', 'create', '--name', 'soak'],
      { env: { ...process.env, ...environment } },
    );
    return {
      url: server.url,
      metricsUrl: `http://127.0.0.1:${metricsPort}/metrics`,
      databaseUrl: postgres.url,
      token,
      pid: child.pid ?? 0,
      pair,
      account: stdout.trim(),
      long: `${PAIRS}${pk}/view_certificate/`,
      receiver,
      async probe() {
        const answered = once(child, 'message', { signal: AbortSignal.timeout(PATIENCE_MS) });
        child.send('probe');
        const [probed] = await answered;
        return probed as Probed;
      },
      async errorsInTheLog() {
        const lines = (await readFile(log, 'utf8')).split('\n');
        return lines.filter((line) => ERRORS_IN_THE_LOG.test(line));
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}
