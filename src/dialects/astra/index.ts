import type { FastifyInstance, FastifyRequest } from 'fastify';
import { type Dialect, keepBodiesRaw, refusalBehind, requireRights } from '../../http/index.ts';
import { enterAccount } from './account.ts';
import { authenticate } from './authentication.ts';
import { trustBundle } from './bundle.ts';
import { createCertificate } from './create.ts';
import { deleteCertificate } from './delete.ts';
import { answerTo, bodyOf, type ErrorAnswer } from './error-answers.ts';
import { PROBLEM_TYPE, Problem } from './errors.ts';
import { anyVisible, decideAgain, findCertificatesFirst } from './find-certificate.ts';
import { getCertificate } from './get.ts';
import { listCertificates } from './list.ts';
import { otherMethods } from './other-methods.ts';
import type { Services } from './route.ts';
import { answerNotFound, answerUnrouted, ownsPath } from './unrouted.ts';
import { updateCertificate } from './update.ts';

export const astraDialect: Dialect = { owns: ownsPath, requestIdForm: 'uuid', answerUnrouted, answerNotFound };

/**
 * Astra Control's certificates. The hooks run in the order in which decisions are made: token, account, right, certificate, then the
 * operation.
 */
export async function astra(app: FastifyInstance, services: Services): Promise<void> {
  validateInHandlers(app);
  keepBodiesRaw(app);
  answerErrors(app, services);

  app.addHook('onRequest', async (request) => {
    request.caller = await services.limits.logIn(request, () => authenticate(request, services));
  });
  app.decorateRequest('account', undefined);
  app.addHook('onRequest', (request) => enterAccount(request, services));
  requireRights(app, 'astra', (request) => anyVisible(request, services));
  findCertificatesFirst(app, services);
  decideAgain(app, services);

  listCertificates(app, services);
  createCertificate(app, services);
  getCertificate(app, services);
  updateCertificate(app, services);
  deleteCertificate(app, services);
  trustBundle(app, services);
  otherMethods(app);
}

/** Handlers validate, by the zod schemas that document the routes: what is wrong is worded by this dialect. */
function validateInHandlers(app: FastifyInstance): void {
  app.setValidatorCompiler(() => () => true);
  app.setSerializerCompiler(() => JSON.stringify);
}

function answerErrors(app: FastifyInstance, { refusals }: Services): void {
  app.setErrorHandler(async (thrown, request, reply) => {
    const answer = answerTo(thrown, request.method);
    logAnswer(request, thrown, answer);
    // What is kept here is public, and nothing that is refused is told but tokens that were not let in.
    const refusal = refusalBehind(request, thrown, () => false);
    if (refusal !== undefined) {
      await refusals.tell(request, refusal, async () => undefined);
    }
    // As bytes: Fastify adds a charset to the type of a string.
    const body = Buffer.from(JSON.stringify(bodyOf(answer, request.id)));
    return reply.code(answer.status).headers(answer.headers).header('content-type', PROBLEM_TYPE).send(body);
  });
}

function logAnswer({ log }: FastifyRequest, thrown: unknown, answer: ErrorAnswer): void {
  if (answer instanceof Problem && Object.keys(answer.reasons).length > 0) {
    log.info({ reasons: answer.reasons }, 'request refused');
    return;
  }
  const level = answer.status === 500 ? 'error' : answer.status === 503 ? 'warn' : 'debug';
  log[level]({ err: thrown }, 'request refused');
}
