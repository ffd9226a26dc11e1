import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import Fastify, { type FastifyBaseLogger, type FastifyInstance } from 'fastify';
import type { Tokens } from './access/index.ts';
import { authentik, sendNotFoundPage } from './dialects/authentik/index.ts';
import type { Keypairs } from './keypairs/index.ts';
import { openapiOptions } from './openapi.ts';
import { endConnectionsOnClose, health } from './operations/index.ts';

export interface AppOptions {
  readonly keypairs: Keypairs;
  readonly tokens: Tokens;
  isReady(): Promise<boolean>;
  readonly logger: FastifyBaseLogger;
  /** Bytes. */
  readonly bodyLimit: number;
  readonly requestTimeoutMs: number;
}

/** The server as a Fastify instance that does not listen yet: what is registered, in order. */
export async function buildApp(options: AppOptions): Promise<FastifyInstance> {
  const app = Fastify({
    loggerInstance: options.logger,
    bodyLimit: options.bodyLimit,
    requestTimeout: options.requestTimeoutMs,
    // A keypair's id is the longest parameter that means anything.
    routerOptions: { maxParamLength: 200 },
  });

  endConnectionsOnClose(app);
  await app.register(swagger, openapiOptions);
  await app.register(swaggerUi, { routePrefix: '/docs' });
  await app.register(health, { isReady: options.isReady });
  await app.register(authentik, { keypairs: options.keypairs, tokens: options.tokens });
  app.setNotFoundHandler((_request, reply) => sendNotFoundPage(reply));
  return app;
}
