import type { FastifyInstance } from 'fastify';
import { AccessError } from '../../../access/index.ts';
import { keepBodiesRaw, requireRights, secretNamesOf, Throttled } from '../../../http/index.ts';
import { KekUnknown } from '../../../keypairs/index.ts';
import type { Services } from '../route.ts';
import { oauthAnswerTo } from './errors.ts';
import { publishKeys } from './jwks.ts';
import { otherMethods } from './other-methods.ts';
import { BASES } from './route.ts';
import { tokenAnswer, tokenRequest } from './schemas.ts';
import { issueAccessToken } from './token.ts';

export { accessTokens } from './access-tokens.ts';
export { signingKeys } from './signing-keys.ts';

/** Of the fields that the log must not show. */
export const oauth2SecretNames = secretNamesOf([tokenRequest, tokenAnswer]);

/** The token endpoint: beside the API, whose logins and whose errors are others. */
export async function oauth2(app: FastifyInstance, services: Services): Promise<void> {
  app.setValidatorCompiler(() => () => true);
  app.setSerializerCompiler(() => JSON.stringify);
  keepBodiesRaw(app);
  answerErrors(app, services);
  app.addHook('onSend', (_request, reply, _payload, done) => {
    // Fastify adds a charset, which JSON has not (RFC 8259 §11).
    reply.header('content-type', 'application/json');
    done();
  });
  requireRights(app, 'strata', () => async () => false);
  for (const base of BASES) {
    issueAccessToken(app, services, base);
    publishKeys(app, services, base);
  }
  otherMethods(app);
}

function answerErrors(app: FastifyInstance, { refusals }: Services): void {
  app.setErrorHandler(async (thrown, request, reply) => {
    const { status, body, headers } = oauthAnswerTo(thrown);
    const level = status === 500 || thrown instanceof KekUnknown ? 'error' : status === 503 ? 'warn' : 'debug';
    request.log[level]({ err: thrown }, 'request refused');
    const refusal = thrown instanceof Throttled ? thrown.cause : thrown;
    if (refusal instanceof AccessError) {
      await refusals.tell(request, refusal, async () => undefined);
    }
    return reply.code(status).headers(headers).send(body);
  });
}
