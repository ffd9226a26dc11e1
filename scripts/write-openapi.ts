import { writeFile } from 'node:fs/promises';
import { buildApp } from '../src/app.ts';
import { readConfig } from '../src/config.ts';
import { createLogger } from '../src/logger.ts';

const { exposure, strata } = readConfig({});

/** Writes openapi.yaml from the routes' schemas. No request is served, so that nothing behind the routes is needed. */
const app = await buildApp({
  keypairs: undefined as never,
  trust: undefined as never,
  work: undefined as never,
  tokens: undefined as never,
  accounts: undefined as never,
  continuations: undefined as never,
  events: undefined as never,
  audit: { trail: undefined as never },
  metrics: { requests: { measure() {}, onRefusal() {} } },
  isReady: async () => false,
  isDraining: () => false,
  issuerCommonName: '',
  authentikSelfSigned: false,
  logger: createLogger('silent'),
  bodyLimit: 0x100000,
  requestTimeoutMs: 0,
  exposure,
  strata,
});
await app.ready();
await writeFile(new URL('../openapi.yaml', import.meta.url), app.swagger({ yaml: true }));
await app.close();
