import type { FastifyInstance } from 'fastify';
import { authorise, NotAuthenticated, PermissionDenied, type Tokens } from '../../access/index.ts';
import type { Keypairs } from '../../keypairs/index.ts';
import { authenticate } from './authentication.ts';
import { create } from './create.ts';
import { destroy } from './destroy.ts';
import { answerTo, KEYPAIR_WORDING, notAcceptable, notFound } from './errors.ts';
import { generate } from './generate.ts';
import { list } from './list.ts';
import { coversJson } from './media-type.ts';
import { otherMethods } from './methods.ts';
import { sendNotFoundPage } from './not-found-page.ts';
import { openapi } from './openapi.ts';
import { Query } from './query.ts';
import { retrieve } from './retrieve.ts';
import { rootConfig } from './root-config.ts';
import { partialUpdate, update } from './update.ts';
import { listUsedBy } from './used-by.ts';
import { viewCertificate, viewPrivateKey } from './view.ts';

export interface AuthentikOptions {
  readonly keypairs: Keypairs;
  readonly tokens: Tokens;
}

/** authentik's crypto API. The hooks run in the order in which the original decides: media type, token, right, then the operation. */
export async function authentik(app: FastifyInstance, services: AuthentikOptions): Promise<void> {
  app.decorateRequest('principal', undefined);
  validateInHandlers(app);
  keepBodiesRaw(app);
  answerErrors(app);
  refuseUnratedRoutes(app);

  app.addHook('onRequest', async (request, reply) => {
    const { allow } = request.routeOptions.config;
    if (allow !== undefined) {
      reply.header('allow', allow);
    }
  });
  app.addHook('onSend', async (_request, reply) => {
    // Fastify adds a charset, which the original's answers lack.
    if (String(reply.getHeader('content-type')).startsWith('application/json')) {
      reply.header('content-type', 'application/json');
    }
  });
  app.addHook('onRequest', async (request) => {
    const format = new Query(request).last('format');
    if (format !== undefined && format !== '' && format !== 'json') {
      throw notFound();
    }
    const { accept = '*/*' } = request.headers;
    if (!accept.split(',').some(coversJson)) {
      throw notAcceptable();
    }
  });
  app.addHook('onRequest', async (request) => {
    request.principal = await authenticate(request.headers.authorization, services.tokens);
  });
  app.addHook('onRequest', async (request) => {
    const { operation, hidesAuthentication } = request.routeOptions.config;
    if (operation === undefined) {
      return;
    }
    try {
      authorise(request.principal, operation);
    } catch (error) {
      throw hidesAuthentication && error instanceof NotAuthenticated ? new PermissionDenied(operation) : error;
    }
  });

  rootConfig(app);
  openapi(app);
  list(app, services);
  create(app, services);
  generate(app, services);
  retrieve(app, services);
  update(app, services);
  partialUpdate(app, services);
  destroy(app, services);
  viewCertificate(app, services);
  viewPrivateKey(app, services);
  listUsedBy(app, services);
  otherMethods(app);
}

export { sendNotFoundPage };

/** The original looks a pair up before it validates a body, so that handlers validate, by the zod schemas that document the routes. */
function validateInHandlers(app: FastifyInstance): void {
  app.setValidatorCompiler(() => () => true);
  app.setSerializerCompiler(() => JSON.stringify);
}

/** Bodies of every type arrive as bytes: whether a type is supported is decided late, and only where there is a body. */
function keepBodiesRaw(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
}

function answerErrors(app: FastifyInstance): void {
  app.setErrorHandler((error, request, reply) => {
    const answer = answerTo(error, request.routeOptions.config.wording ?? KEYPAIR_WORDING);
    if (answer.status >= 500) {
      request.log.error({ err: error }, 'request failed');
    } else {
      request.log.debug({ err: error }, 'request refused');
    }
    return reply
      .code(answer.status)
      .headers(answer.headers ?? {})
      .send(answer.body);
  });
}

/** Deny is the default: a route that the table of rights does not know is a mistake of ours. */
function refuseUnratedRoutes(app: FastifyInstance): void {
  app.addHook('onRoute', ({ url, config }) => {
    if (config?.operation === undefined) {
      throw new Error(`${url} names no operation of the table of rights`);
    }
  });
}
