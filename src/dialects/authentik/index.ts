import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { NotAuthenticated, PermissionDenied, type Tokens } from '../../access/index.ts';
import type { EventQueries } from '../../audit/index.ts';
import {
  type Dialect,
  keepBodiesRaw,
  type RateLimits,
  type Refusals,
  refusalBehind,
  requireRights,
  secretNamesOf,
} from '../../http/index.ts';
import { KekUnknown } from '../../keypairs/index.ts';
import { attemptOnKey, hidesFrom } from './attempt-on-key.ts';
import { authenticate } from './authentication.ts';
import { canonicalPath } from './canonical-path.ts';
import { create } from './create.ts';
import { decideAgain } from './decide-again.ts';
import { destroy } from './destroy.ts';
import { answerTo } from './error-answers.ts';
import { type ErrorAnswer, notAcceptable, notFound, Refusal } from './errors.ts';
import { listEvents } from './events/list.ts';
import { retrieveEvent } from './events/retrieve.ts';
import { findPairsFirst } from './find-pair.ts';
import { generate } from './generate.ts';
import { originalHeaders } from './headers.ts';
import { list } from './list.ts';
import { negotiateMediaType } from './media-type.ts';
import { options } from './metadata.ts';
import { otherMethods } from './methods.ts';
import { openapi } from './openapi.ts';
import { Query } from './query.ts';
import { retrieve } from './retrieve.ts';
import { rootConfig } from './root-config.ts';
import { JSON_ONLY, PLACEMENT, type Services } from './route.ts';
import { certificateData, generateRequest, keypairRequest } from './schemas.ts';
import { tokenRoutes } from './tokens/index.ts';
import { issuedToken } from './tokens/schemas.ts';
import { answerNotFound, answerUnrouted } from './unrouted.ts';
import { partialUpdate, update } from './update.ts';
import { listUsedBy } from './used-by.ts';
import { viewCertificate, viewPrivateKey } from './view.ts';
import { anyVisible } from './visible.ts';

export interface AuthentikOptions extends Services {
  readonly tokens: Tokens;
  readonly events: EventQueries;
  readonly refusals: Refusals;
  readonly limits: RateLimits;
}

/** Every path that is no other dialect's: the original's front page answers them too. */
export const authentikDialect: Dialect = { owns: () => true, canonicalPath, answerUnrouted, answerNotFound };

/** Of the fields that the log must not show. */
export const authentikSecretNames = secretNamesOf([keypairRequest, generateRequest, certificateData, issuedToken]);

/** authentik's crypto API. The hooks run in the order in which the original decides: media type, token, right, then the operation. */
export async function authentik(app: FastifyInstance, services: AuthentikOptions): Promise<void> {
  validateInHandlers(app);
  keepBodiesRaw(app);
  answerErrors(app, services);
  answerWithTheOriginalsHeaders(app);

  negotiate(app);
  app.addHook('onRequest', async (request) => {
    request.caller = await services.limits.logIn(request, () => authenticate(request, services.tokens));
  });
  requireRights(app, PLACEMENT.realm, () => anyVisible(services.keypairs));
  findPairsFirst(app, services.keypairs);
  decideAgain(app, services);

  rootConfig(app);
  openapi(app);
  list(app, services);
  create(app, services);
  generate(app, services);
  retrieve(app);
  update(app, services);
  partialUpdate(app, services);
  destroy(app, services);
  viewCertificate(app, services);
  viewPrivateKey(app, services);
  listUsedBy(app);
  listEvents(app, services);
  retrieveEvent(app, services);
  tokenRoutes(app, services);
  options(app, services);
  otherMethods(app);
}

/** The original looks a pair up before it validates a body, so that handlers validate, by the zod schemas that document the routes. */
function validateInHandlers(app: FastifyInstance): void {
  app.setValidatorCompiler(() => () => true);
  app.setSerializerCompiler(() => JSON.stringify);
}

function answerErrors(app: FastifyInstance, { refusals, keypairs }: AuthentikOptions): void {
  app.setErrorHandler(async (thrown, request, reply) => {
    const { authentik: route, operation = '' } = request.routeOptions.config;
    const hides = route?.hidesAuthentication === true;
    const error = hides && thrown instanceof NotAuthenticated ? new PermissionDenied(operation) : thrown;
    const answer = answerTo(error);
    logAnswer(request, error, answer);
    const refusal = refusalBehind(request, thrown, hidesFrom(request));
    if (refusal !== undefined) {
      await refusals.tell(request, refusal, () => attemptOnKey(request, keypairs));
    }
    addOriginalHeaders(request, reply);
    return reply
      .code(answer.status)
      .headers(answer.headers ?? {})
      .send(answer.body);
  });
}

function logAnswer({ log }: FastifyRequest, error: unknown, answer: ErrorAnswer): void {
  const { status } = answer;
  if (answer instanceof Refusal && Object.keys(answer.reasons).length > 0) {
    log.info({ reasons: answer.reasons }, 'request refused');
    return;
  }
  const level = status === 500 || error instanceof KekUnknown ? 'error' : status === 503 ? 'warn' : 'debug';
  log[level]({ err: error }, 'request refused');
}

function answerWithTheOriginalsHeaders(app: FastifyInstance): void {
  app.addHook('onRequest', (request, reply, done) => {
    addOriginalHeaders(request, reply);
    done();
  });
  app.addHook('onSend', (_request, reply, _payload, done) => {
    // Fastify adds a charset, which the original's answers lack.
    const [mediaType = ''] = String(reply.getHeader('content-type')).split(';', 1);
    if (mediaType.endsWith('json')) {
      reply.header('content-type', mediaType);
    }
    done();
  });
}

/** Also of what is refused before the hooks of this dialect. */
function addOriginalHeaders(request: FastifyRequest, reply: FastifyReply): void {
  reply.headers(originalHeaders(request));
  const { authentik: route } = request.routeOptions.config;
  if (route !== undefined) {
    reply.header('allow', route.allow);
  }
}

/** Decides the media type of the answer, as the `format` parameter and the Accept header want it. */
function negotiate(app: FastifyInstance): void {
  app.decorateRequest('answerType', '');
  app.addHook('onRequest', (request, _reply, done) => {
    const format = new Query(request).last('format') ?? '';
    const offered = (request.routeOptions.config.authentik?.renders ?? JSON_ONLY).filter(
      (mediaType) => format === '' || formatOf(mediaType) === format,
    );
    if (offered.length === 0) {
      throw notFound();
    }
    const mediaType = negotiateMediaType(request.headers.accept, offered);
    if (mediaType === undefined) {
      throw notAcceptable();
    }
    request.answerType = mediaType;
    done();
  });
}

function formatOf(mediaType: string): string {
  return mediaType.endsWith('json') ? 'json' : 'yaml';
}
