import type { FastifyInstance } from 'fastify';
import { type Dialect, requireRights, secretNamesOf } from '../../http/index.ts';
import { attemptOnKey, refusalBehind } from './attempt-on-key.ts';
import { authenticate } from './authentication.ts';
import { answerTo, envelope } from './errors.ts';
import { exportCertificate } from './export.ts';
import { anyVisible, decideAgain, findCertificatesFirst } from './find-certificate.ts';
import { generateCertificate } from './generate.ts';
import { getCertificate } from './get.ts';
import { importCertificate } from './import.ts';
import { accessTokens, oauth2, oauth2SecretNames } from './oauth2/index.ts';

import { BASES, type Services } from './route.ts';
import { exportedCertificate, exportRequest, importedCertificate, importRequest } from './transfer-schemas.ts';
import { answerNotFound, answerUnrouted, canonicalPath, ownsPath } from './unrouted.ts';

export { signingKeys } from './oauth2/index.ts';

export const strataDialect: Dialect = { owns: ownsPath, canonicalPath, answerUnrouted, answerNotFound };

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

/** Strata Cloud Manager's certificates. The hooks run in the order in which decisions are made: token, right, certificate, then the operation. */
async function certificates(app: FastifyInstance, services: Services): Promise<void> {
  validateInHandlers(app);
  keepBodiesRaw(app);
  answerErrors(app, services);

  app.decorateRequest('tsg', undefined);
  app.addHook('onRequest', async (request) => {
    request.caller = await services.limits.logIn(request, async () => {
      const login = await authenticate(request, services);
      request.tsg = login?.tsg;
      return login?.caller;
    });
  });
  requireRights(app, 'strata', (request) => anyVisible(request, services.keypairs));
  findCertificatesFirst(app, services.keypairs);
  decideAgain(app, services);

  for (const base of BASES) {
    generateCertificate(app, services, base);
    getCertificate(app, services, base);
    importCertificate(app, services, base);
    exportCertificate(app, services, base);
  }
}

/** Handlers validate, by the zod schemas that document the routes: what is wrong is worded by this dialect. */
function validateInHandlers(app: FastifyInstance): void {
  app.setValidatorCompiler(() => () => true);
  app.setSerializerCompiler(() => JSON.stringify);
}

/** Bodies of every type arrive as bytes: clients send a type of JSON with no body at all (contract §1). */
function keepBodiesRaw(app: FastifyInstance): void {
  app.addHook('onRequest', (request, _reply, done) => {
    request.headers['content-type'] = 'application/octet-stream';
    done();
  });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
}

function answerErrors(app: FastifyInstance, { refusals }: Services): void {
  app.setErrorHandler(async (thrown, request, reply) => {
    const answer = answerTo(thrown);
    request.log[answer.status >= 500 ? 'error' : 'debug']({ err: thrown }, 'request refused');
    const refusal = refusalBehind(request, thrown);
    if (refusal !== undefined) {
      await refusals.tell(request, refusal, async () => attemptOnKey(request));
    }
    return reply.code(answer.status).headers(answer.headers).send(envelope(answer, request.id));
  });
}
