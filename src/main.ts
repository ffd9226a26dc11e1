import { setTimeout as sleep } from 'node:timers/promises';
import closeWithGrace from 'close-with-grace';
import { buildApp } from './app.ts';
import { type Config, readConfig, readLogLevel, unknownVariables } from './config.ts';
import { createLogger } from './logger.ts';
import {
  explainFailure,
  listenAddress,
  openStore,
  reloadLogLevel,
  StartRefused,
  startMetrics,
  startPage,
} from './operations/index.ts';
import { version } from './version.ts';

/** How long requests in flight may take to end once no more are taken. */
const GRACE_MS = 10_000;

async function main(): Promise<void> {
  const config = readConfig(process.env);
  const host = await listenAddress(config.host);
  const logger = createLogger(config.logLevel);
  // That of a terminal which is closed ends what runs in it.
  const reloads = !process.stdout.isTTY;
  if (reloads) {
    process.on('SIGHUP', () => reloadLogLevel({ logger, readLogLevel: () => readLogLevel(process.env) }));
  }
  const unknown = unknownVariables(process.env);
  if (unknown.length > 0) {
    logger.warn({ variables: unknown }, 'these variables are none of this version, and are ignored');
  }
  const early = earlySignals();
  const store = await openStore({ config, log: logger });
  try {
    await serve({ config, host, logger, store, reloads, early });
  } catch (error) {
    // Else a rotation of KEKs would wait for a server that is gone, and others for its leases.
    await store.close();
    throw error;
  }
}

interface ServeOptions {
  readonly config: Config;
  readonly host: string;
  readonly logger: ReturnType<typeof createLogger>;
  readonly store: Awaited<ReturnType<typeof openStore>>;
  /** Whether SIGHUP is for the log level, and ends nothing. */
  readonly reloads: boolean;
  readonly early: ReturnType<typeof earlySignals>;
}

async function serve({ config, host, logger, store, reloads, early }: ServeOptions): Promise<void> {
  if (!(await store.tokens.hasUsableToken())) {
    throw new StartRefused('TOKEN_MISSING');
  }
  store.audit.startSealing();
  const app = await buildApp({
    ...store,
    issuerCommonName: `Certkeep ${version}`,
    authentikSelfSigned: config.authentikSelfSigned,
    strata: config.strata,
    logger,
    bodyLimit: config.bodyLimit,
    requestTimeoutMs: config.requestTimeoutMs,
    exposure: config.exposure,
  });
  const metrics = await startMetrics({ config: config.metrics, metrics: store.metrics, version, log: logger });
  const skip = reloads ? ['SIGHUP' as const] : [];
  const { close } = closeWithGrace({ delay: config.drainMs + GRACE_MS, logger, skip }, async ({ err, signal }) => {
    if (err) {
      logger.error({ err }, 'ending after an error');
    }
    store.beginDraining();
    // By what starts and ends servers. A person who ends one waits for no balancer.
    if (signal === 'SIGTERM') {
      await sleep(config.drainMs);
    }
    store.beginClosing();
    await app.close();
    await metrics.close();
    await store.close();
  });
  if (early.handOver()) {
    await close();
  }
  const url = await app.listen({ host, port: config.port });
  if (config.databaseUrl === undefined || process.stdout.isTTY) {
    process.stdout.write(startPage({ url, version, tokenFile: store.tokenFile, notices: store.notices }));
  }
}

/**
 * Notes a signal that comes while the store is opened, so that what others wait for is given back and not left behind. A second one ends the
 * process at once.
 */
function earlySignals() {
  let came = false;
  const note = () => {
    came = true;
  };
  process.once('SIGTERM', note).once('SIGINT', note);
  return {
    /** Leaves signals to others. Tells whether one came. */
    handOver(): boolean {
      process.off('SIGTERM', note).off('SIGINT', note);
      return came;
    },
  };
}

main().catch((error: unknown) => {
  const { text, exitCode } = explainFailure(error);
  process.stderr.write(`${text}\n`);
  process.exit(exitCode);
});
