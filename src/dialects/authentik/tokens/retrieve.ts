import type { FastifyInstance } from 'fastify';
import { answer } from '../../../http/index.ts';
import { ANSWERS } from '../route.ts';
import { readErrors } from '../schemas.ts';
import { findToken } from './find-token.ts';
import { renderToken } from './render.ts';
import { TOKEN, type TokenServices } from './route.ts';
import { identifierParameter, token, tokenFilters } from './schemas.ts';

/** GET `{identifier}/`: one token. What a client sends of it is stored nowhere, and not shown. */
export function retrieveToken(app: FastifyInstance, { tokens }: TokenServices): void {
  app.get(TOKEN, {
    schema: {
      tags: ['core'],
      operationId: 'core_tokens_retrieve',
      description: 'Shows one token, without its key.',
      params: identifierParameter,
      querystring: tokenFilters,
      response: { 200: answer('The token', token), ...readErrors },
    },
    config: { operation: 'authentik.core.tokens.retrieve', authentik: ANSWERS.detail },
    handler: async (request) => renderToken(await findToken(request, tokens)),
  });
}
