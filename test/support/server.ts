import { randomUUID } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { type Accounts, generateToken, parseGrant, parseReach } from '../../src/access/index.ts';
import { buildApp } from '../../src/app.ts';
import { type Config, readConfig } from '../../src/config.ts';
import type { Keypairs, PassphraseWork, TrustStore } from '../../src/keypairs/index.ts';
import { createLogger } from '../../src/logger.ts';
import { openStore, startMetrics } from '../../src/operations/index.ts';
import { generateKek } from '../../src/sealing/index.ts';
import type { AnswerCounts } from './contract/answer-log.ts';
import { recordAnswers } from './contract/recorder.ts';
import { createDatabase, type TestDatabase } from './database.ts';
import { captureLog, flush } from './leaks/capture.ts';
import { registerSecret } from './leaks/secrets.ts';

export interface TestServer {
  readonly url: string;
  /** Has every right. */
  readonly token: string;
  readonly kek: string;
  readonly database: TestDatabase;
  /** What its dialects stand on: for what no API makes. */
  readonly keypairs: Keypairs;
  readonly accounts: Accounts;
  readonly trust: TrustStore;
  /** What files under a passphrase wait for. */
  readonly work: PassphraseWork;
  /** Sends a request as the superuser; a body that is not a string is sent as JSON. */
  request(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Response>;
  /** Makes a token of these rights alone, as `certkeep token create --permission` takes them, and returns its text. */
  tokenWith(grants: readonly string[], options?: TokenOptions): Promise<string>;
  /** How many answers were held against openapi.yaml and authentik's schema so far. */
  readonly validated: AnswerCounts;
  /** What a scrape shows; the first one opens its listener. */
  metrics(): Promise<string>;
  beginDraining(): void;
  /** What it logged lately, oldest first. */
  log(): readonly LogLine[];
  /** Lets answers with 500 pass, which otherwise fail the test file: for tests that break the server on purpose. */
  foreseeMistakes(): void;
  /**
   * Ends the server.
   *
   * @throws {Error} where an answer was not as openapi.yaml or authentik's schema describe it
   */
  close(): Promise<void>;
}

export interface TokenOptions {
  /** A new principal without it. */
  readonly username?: string;
  readonly superuser?: boolean;
  /** As `--realm` takes them; `authentik` without it. */
  readonly reach?: readonly string[];
}

export interface LogLine {
  readonly msg: string;
  readonly reqId?: string;
  readonly reasons?: Readonly<Record<string, string>>;
}

const KEPT_LINES = 1000;
/** What is about to expire is not what other tests ask for. */
const RARELY_MS = 60 * 60 * 1000;
/** A database that stands still for seconds with its whole machine is not away. Tests of one that is away say how soon. */
const PATIENCE_MS = 30_000;
const FINER_THAN_INFO = /^\{"level":[12]0,/;

export const PAIRS = '/api/v3/crypto/certificatekeypairs/';

/**
 * A whole server of the caller's own, on real HTTP and a real PostgreSQL.
 *
 * @param extend may add to the server before it listens
 * @param now its clock; those of its database and of its limits go on by themselves
 */
export async function startServer(
  overrides: Partial<Config> & { readonly unsentOctets?: number } = {},
  existing?: TestDatabase,
  extend: (app: FastifyInstance) => void = () => {},
  now: () => Date = () => new Date(),
): Promise<TestServer> {
  const database = existing ?? (await createDatabase());
  const token = overrides.bootstrapToken ?? generateToken();
  const kek = overrides.kek ?? generateKek();
  registerSecret('token', token);
  registerSecret('kek', kek);
  const config: Config = {
    ...readConfig({ DATABASE_URL: database.url }),
    bootstrapToken: token,
    kek,
    port: 0,
    databasePoolSize: 4,
    databaseTimeoutMs: PATIENCE_MS,
    ...overrides,
  };
  const lines: string[] = [];
  const keep = (line: string) => {
    captureLog(line);
    if (!FINER_THAN_INFO.test(line)) {
      lines.push(line);
      lines.splice(0, lines.length - KEPT_LINES);
    }
  };
  // Everything, so that the scan for secrets at the end of the run sees it.
  const logger = createLogger('trace', { write: keep });
  const store = await openStore({ config, log: logger, now, expiryIntervalMs: RARELY_MS });
  store.audit.startSealing();
  const app = await buildApp({
    ...store,
    issuerCommonName: 'Certkeep 0.0.0-test',
    authentikSelfSigned: config.authentikSelfSigned,
    strata: config.strata,
    logger,
    bodyLimit: config.bodyLimit,
    requestTimeoutMs: config.requestTimeoutMs,
    exposure: config.exposure,
    unsentOctets: overrides.unsentOctets,
    now,
  });
  extend(app);
  const openMetrics = () =>
    startMetrics({
      config: { host: '127.0.0.1', port: 0 },
      metrics: store.metrics,
      version: '0.0.0-test',
      log: logger,
    });
  let metrics: ReturnType<typeof openMetrics> | undefined;
  const answers = recordAnswers(app.server);
  const url = await app.listen({ host: '127.0.0.1', port: 0 });

  return {
    url,
    token,
    kek,
    database,
    keypairs: store.keypairs,
    accounts: store.accounts,
    trust: store.trust,
    work: store.work,
    request(method, path, body, headers = {}) {
      const isText = typeof body === 'string' || body instanceof Uint8Array;
      return fetch(url + path, {
        method,
        headers: {
          authorization: `Bearer ${token}`,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body === undefined
          ? {}
          : { body: isText ? (body as string | Uint8Array<ArrayBuffer>) : JSON.stringify(body) }),
      });
    },
    async tokenWith(grants, { username = randomUUID(), superuser = false, reach = ['authentik'] } = {}) {
      return store.tokens.create({
        username,
        identifier: randomUUID(),
        description: '',
        expiresAt: null,
        isSuperuser: superuser,
        grants: grants.map(parseGrant),
        reach: reach.map(parseReach),
      });
    },
    get validated() {
      return answers.counts;
    },
    async metrics() {
      metrics ??= openMetrics();
      const { url: at = '' } = await metrics;
      return (await fetch(`${at}/metrics`)).text();
    },
    beginDraining: store.beginDraining,
    log: () => lines.map((line) => JSON.parse(line) as LogLine),
    foreseeMistakes: () => answers.foreseeMistakes(),
    close: () =>
      inTurn([
        () => app.close(),
        async () => (await metrics)?.close(),
        () => store.close(),
        async () => (existing === undefined ? database.drop() : undefined),
        async () => flush(),
        async () => answers.assertDescribed(),
      ]),
  };
}

/**
 * Does each step, also after one that failed.
 *
 * @throws what failed: the error itself, or all of them
 */
async function inTurn(steps: readonly (() => Promise<unknown>)[]): Promise<void> {
  const errors: unknown[] = [];
  for (const step of steps) {
    try {
      await step();
    } catch (error) {
      errors.push(error);
    }
  }
  if (errors.length > 0) {
    throw errors.length === 1 ? errors[0] : new AggregateError(errors, errors.map(String).join('\n'));
  }
}
