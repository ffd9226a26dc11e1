import type { FastifyInstance } from 'fastify';
import { actorOf, answer } from '../../../http/index.ts';
import { ANSWERS } from '../route.ts';
import { writeErrors } from '../schemas.ts';
import { callerOf, findToken } from './find-token.ts';
import { readTokenChange, refuseBeyond } from './input.ts';
import { renderToken } from './render.ts';
import { TOKEN, type TokenServices } from './route.ts';
import {
  identifierParameter,
  patchedTokenRequest,
  type TokenRequestSchema,
  token,
  tokenFilters,
  tokenRequest,
} from './schemas.ts';

/** PUT names the token once more; what else it does not mention stays, as in the original. */
export function updateToken(app: FastifyInstance, services: TokenServices): void {
  change(app, services, {
    method: 'PUT',
    body: tokenRequest,
    operationId: 'core_tokens_update',
    operation: 'authentik.core.tokens.update',
    description: 'Changes description, expiry and rights; what is not mentioned stays.',
  });
}

/** PATCH changes what it mentions. */
export function partialUpdateToken(app: FastifyInstance, services: TokenServices): void {
  change(app, services, {
    method: 'PATCH',
    body: patchedTokenRequest,
    operationId: 'core_tokens_partial_update',
    operation: 'authentik.core.tokens.partial_update',
    description: 'Changes what the body mentions of description, expiry and rights.',
  });
}

interface Change {
  readonly method: 'PUT' | 'PATCH';
  readonly body: TokenRequestSchema;
  readonly operationId: string;
  readonly operation: 'authentik.core.tokens.update' | 'authentik.core.tokens.partial_update';
  readonly description: string;
}

function change(
  app: FastifyInstance,
  { tokens, now }: TokenServices,
  { method, body, operation, ...documented }: Change,
): void {
  app.route({
    method,
    url: TOKEN,
    schema: {
      tags: ['core'],
      ...documented,
      params: identifierParameter,
      querystring: tokenFilters,
      body,
      response: { 200: answer('The token as it is now', token), ...writeErrors },
    },
    config: { operation, authentik: ANSWERS.detail },
    async handler(request) {
      const found = await findToken(request, tokens);
      // Before the body is read, and again when nobody else can change the token.
      refuseBeyond(callerOf(request), found, operation);
      const decide = readTokenChange(request, body, found, now(), operation);
      return renderToken(await tokens.change(actorOf(request), found.identifier, decide));
    },
  });
}
