import type { FastifyInstance, FastifyRequest } from 'fastify';
import { type Dialect, keepBodiesRaw, refusalBehind, requireRights, secretNamesOf } from '../../http/index.ts';
import { KekUnknown } from '../../keypairs/index.ts';
import { attemptOnKey, hidesFrom } from './attempt-on-key.ts';
import { authenticate } from './authentication.ts';
import { deleteCertificate } from './delete.ts';
import { answerTo } from './error-answers.ts';
import { type ErrorAnswer, envelope, Refusal } from './errors.ts';
import { exportCertificate } from './export.ts';
import { anyVisible, decideAgain, findCertificatesFirst } from './find-certificate.ts';
import { generateCertificate } from './generate.ts';
import { getCertificate } from './get.ts';
import { importCertificate } from './import.ts';
import { listCertificates } from './list.ts';
import { negotiate } from './negotiation.ts';
import { accessTokens, oauth2, oauth2SecretNames } from './oauth2/index.ts';
import { otherActions } from './other-actions.ts';
import { otherMethods } from './other-methods.ts';
import { otherVersions } from './other-versions.ts';
import { BASES, type Services } from './route.ts';
import { exportedCertificate, exportRequest, importedCertificate, importRequest } from './transfer-schemas.ts';
import { answerNotFound, answerUnrouted, canonicalPath, ownsPath } from './unrouted.ts';

export { importRules, parseContainer } from './command-rules.ts';
export { signingKeys } from './oauth2/index.ts';

export const strataDialect: Dialect = {
  owns: ownsPath,
  canonicalPath,
  requestIdForm: 'uuid',
  answerUnrouted,
  answerNotFound,
};

/** Of the fields that the log must not show. */
export const strataSecretNames = [
  ...oauth2SecretNames,
  ...secretNamesOf([importRequest, importedCertificate, exportRequest, exportedCertificate]),
];

/** Two apps beside each other: the certificates, and the tokens for them, which have no login before them. */
export async function strata(app: FastifyInstance, options: Omit<Services, 'accessTokens'>): Promise<void> {
  const services: Services = { ...options, accessTokens: accessTokens(options) };
  await app.register(oauth2, services);
  await app.register(certificates, services);
}

/** Strata Cloud Manager's certificates. The hooks run in the order in which decisions are made: token, right, media type, certificate, then the operation. */
async function certificates(app: FastifyInstance, services: Services): Promise<void> {
  validateInHandlers(app);
  keepBodiesRaw(app);
  answerErrors(app, services);
  answerAsJsonAlone(app);

  app.decorateRequest('tsg', undefined);
  app.addHook('onRequest', async (request) => {
    request.caller = await services.limits.logIn(request, async () => {
      const login = await authenticate(request, services);
      request.tsg = login?.tsg;
      return login?.caller;
    });
  });
  requireRights(app, 'strata', (request) => anyVisible(request, services.keypairs));
  negotiate(app);
  findCertificatesFirst(app, services.keypairs);
  decideAgain(app, services);

  for (const base of BASES) {
    listCertificates(app, services, base);
    generateCertificate(app, services, base);
    getCertificate(app, services, base);
    deleteCertificate(app, services, base);
    importCertificate(app, services, base);
    exportCertificate(app, services, base);
    otherMethods(app, base);
    otherActions(app, base);
    otherVersions(app, base);
  }
}

/** Handlers validate, by the zod schemas that document the routes: what is wrong is worded by this dialect. */
function validateInHandlers(app: FastifyInstance): void {
  app.setValidatorCompiler(() => () => true);
  app.setSerializerCompiler(() => JSON.stringify);
}

function answerErrors(app: FastifyInstance, { refusals }: Services): void {
  app.setErrorHandler(async (thrown, request, reply) => {
    const answer = answerTo(thrown);
    logAnswer(request, thrown, answer);
    const refusal = refusalBehind(request, thrown, hidesFrom(request));
    if (refusal !== undefined) {
      await refusals.tell(request, refusal, async () => attemptOnKey(request));
    }
    return reply.code(answer.status).headers(answer.headers).send(envelope(answer, request.id));
  });
}

function logAnswer({ log }: FastifyRequest, thrown: unknown, answer: ErrorAnswer): void {
  if (answer instanceof Refusal && Object.keys(answer.reasons).length > 0) {
    log.info({ reasons: answer.reasons }, 'request refused');
    return;
  }
  const { status } = answer;
  const level =
    status === 500 || thrown instanceof KekUnknown ? 'error' : status === 503 || status === 504 ? 'warn' : 'debug';
  log[level]({ err: thrown }, 'request refused');
}

function answerAsJsonAlone(app: FastifyInstance): void {
  app.addHook('onSend', (_request, reply, _payload, done) => {
    // Fastify adds a charset, which JSON has none of (RFC 8259 §11).
    reply.header('content-type', 'application/json');
    done();
  });
}
