import closeWithGrace from 'close-with-grace';
import { buildApp } from './app.ts';
import { readConfig } from './config.ts';
import { createLogger } from './logger.ts';
import { explainFailure, listenAddress, openStore, StartRefused, startPage } from './operations/index.ts';
import { version } from './version.ts';

/** How long requests in flight may take to end after the first signal. */
const GRACE_MS = 10_000;

async function main(): Promise<void> {
  const config = readConfig(process.env);
  const host = await listenAddress(config.host);
  const logger = createLogger(config.logLevel);
  const store = await openStore({ config, log: logger });
  if (!(await store.tokens.hasUsableToken())) {
    await store.close();
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
  closeWithGrace({ delay: GRACE_MS, logger }, async ({ err }) => {
    if (err) {
      logger.error({ err }, 'ending after an error');
    }
    store.beginClosing();
    await app.close();
    await store.close();
  });
  const url = await app.listen({ host, port: config.port });
  if (config.databaseUrl === undefined || process.stdout.isTTY) {
    process.stdout.write(startPage({ url, version, tokenFile: store.tokenFile, notices: store.notices }));
  }
}

main().catch((error: unknown) => {
  const { text, exitCode } = explainFailure(error);
  process.stderr.write(`${text}\n`);
  process.exit(exitCode);
});
