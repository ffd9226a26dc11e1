import { METHODS } from 'node:http';
import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import Fastify, { type FastifyBaseLogger, type FastifyInstance } from 'fastify';
import type { Accounts, Tokens } from './access/index.ts';
import type { AuditTrail, EventQueries } from './audit/index.ts';
import type { Config } from './config.ts';
import { astra, astraDialect } from './dialects/astra/index.ts';
import { authentik, authentikDialect } from './dialects/authentik/index.ts';
import { strata, strataDialect } from './dialects/strata/index.ts';
import {
  type AuthenticatedTexts,
  belowRouting,
  crossOrigin,
  DOCS_CONTENT_SECURITY_POLICY,
  RequestLog,
  rateLimits,
  sendStrictTransportSecurity,
  watchRefusals,
} from './http/index.ts';
import type { Keypairs, PassphraseWork, TrustStore } from './keypairs/index.ts';
import { openapiOptions } from './openapi.ts';
import {
  boundUnsentAnswers,
  endConnectionsOnClose,
  endConnectionsOnDrain,
  endUnreadAnswers,
  health,
  type Metrics,
} from './operations/index.ts';

export interface AppOptions {
  readonly keypairs: Keypairs;
  readonly trust: TrustStore;
  /** Opens and makes files that a passphrase protects. */
  readonly work: PassphraseWork;
  readonly tokens: Tokens;
  readonly accounts: Pick<Accounts, 'exists'>;
  /** Makes the tokens by which lists are continued. */
  readonly continuations: AuthenticatedTexts;
  readonly events: EventQueries;
  readonly audit: { readonly trail: AuditTrail };
  readonly metrics: Pick<Metrics, 'requests'>;
  isReady(): Promise<boolean>;
  /** Whether the process is about to end. */
  isDraining(): boolean;
  /** The issuer's common name in the certificates that are generated. */
  readonly issuerCommonName: string;
  /** Whether what authentik's API generates is signed under its own name instead. */
  readonly authentikSelfSigned: boolean;
  readonly strata: Config['strata'];
  readonly logger: FastifyBaseLogger;
  /** Bytes. */
  readonly bodyLimit: number;
  readonly requestTimeoutMs: number;
  readonly exposure: Config['exposure'];
  /** How much of all answers may wait for slow readers, as `boundUnsentAnswers` has it unless it is given. */
  readonly unsentOctets?: number | undefined;
  /** The system's clock unless it is given. */
  now?(): Date;
}

/** Longer ones don't fit into what Node takes of a request's head. */
const MAX_PARAMETER_LENGTH = 16_384;

/** The server as a Fastify instance that does not listen yet: what is registered, in order. */
export async function buildApp(options: AppOptions): Promise<FastifyInstance> {
  const { keypairs, work, tokens, events, audit, isReady, issuerCommonName, requestTimeoutMs } = options;
  const selfSigned = options.authentikSelfSigned;
  const now = options.now ?? (() => new Date());
  const { trustedProxies, corsOrigins } = options.exposure;
  const { requests } = options.metrics;
  const origins = crossOrigin(corsOrigins);
  const limits = rateLimits(options.exposure.rateLimits);
  const unrouted = belowRouting([strataDialect, astraDialect], authentikDialect, origins, requests.onRefusal);
  const requestLog = new RequestLog();
  const app = Fastify({
    loggerInstance: options.logger,
    logController: requestLog,
    // Clients are shown it too.
    genReqId: unrouted.requestIdFor,
    trustProxy: trustedProxies.length > 0 && [...trustedProxies],
    bodyLimit: options.bodyLimit,
    requestTimeout: requestTimeoutMs,
    // Node looks for requests that are too slow twice a minute, and waits for a head for a whole one, unless told otherwise. That
    // there is a host we look for ourselves, to say so in the shape of a dialect.
    http: {
      headersTimeout: Math.min(60_000, requestTimeoutMs),
      requireHostHeader: false,
      connectionsCheckingInterval: Math.min(5_000, Math.ceil(requestTimeoutMs / 2)),
    },
    routerOptions: { maxParamLength: MAX_PARAMETER_LENGTH },
    // What arrives while we end is served: its connection ends with it.
    return503OnClosing: false,
    rewriteUrl: unrouted.rewriteUrl,
    frameworkErrors: unrouted.frameworkErrors,
    clientErrorHandler: unrouted.clientErrorHandler,
  });
  // Node drops what is beyond its limit on their number, without a word, and a proxy adds its own at the end. Their size is bounded.
  app.server.maxHeadersCount = 0;
  routeEveryMethod(app);
  requestLog.urls.learn(app);
  requests.measure(app);
  unrouted.answerForNode(app);
  app.setErrorHandler(unrouted.errorOutside);
  endConnectionsOnClose(app);
  endConnectionsOnDrain(app, options.isDraining);
  endUnreadAnswers(app, requestTimeoutMs);
  boundUnsentAnswers(app, { budget: options.unsentOctets, wordRefusal: unrouted.wordRefusal });
  app.decorateRequest('caller', undefined);
  sendStrictTransportSecurity(app);
  origins.answerPreflights(app);
  limits.limitAddresses(app);
  const refusals = watchRefusals(app, audit.trail);

  await app.register(swagger, openapiOptions);
  await app.register(swaggerUi, { routePrefix: '/docs', staticCSP: DOCS_CONTENT_SECURITY_POLICY });
  await app.register(health, { isReady });
  await app.register(authentik, {
    keypairs,
    tokens,
    events,
    refusals,
    limits,
    issuerCommonName,
    selfSigned,
    now,
  });
  await app.register(strata, {
    ...options.strata,
    keypairs,
    tokens,
    work,
    refusals,
    limits,
    now,
  });
  await app.register(astra, {
    keypairs,
    tokens,
    refusals,
    limits,
    trust: options.trust,
    accounts: options.accounts,
    continuations: options.continuations,
    now,
  });
  await app.register(unrouted.notFound);
  return app;
}

/** A path answers 405 to the methods that it lacks, also to those that Fastify does not know by itself. */
function routeEveryMethod(app: FastifyInstance): void {
  for (const method of METHODS) {
    // CONNECT asks for a tunnel, which Node refuses below us.
    if (method !== 'CONNECT' && !app.supportedMethods.includes(method)) {
      app.addHttpMethod(method, { hasBody: true });
    }
  }
}
