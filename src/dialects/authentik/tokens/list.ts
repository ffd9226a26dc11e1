import type { FastifyInstance } from 'fastify';
import { answer } from '../../../http/index.ts';
import { pageOf, paginationOf, rowsOf } from '../paging.ts';
import { Query } from '../query.ts';
import { ANSWERS } from '../route.ts';
import { readErrors } from '../schemas.ts';
import { visibleTokens } from './find-token.ts';
import { tokenOrdersOf } from './query.ts';
import { renderToken } from './render.ts';
import { TOKENS, type TokenServices } from './route.ts';
import { tokenList, tokenListParameters } from './schemas.ts';

/** GET: one page of tokens; without `view_token` the caller's own. */
export function listTokens(app: FastifyInstance, { tokens }: TokenServices): void {
  app.get(TOKENS, {
    schema: {
      tags: ['core'],
      operationId: 'core_tokens_list',
      description: "Lists tokens; without view_token those of the caller's own principal. Revoked ones are not shown.",
      querystring: tokenListParameters,
      response: { 200: answer('One page of tokens', tokenList), ...readErrors },
    },
    config: { operation: 'authentik.core.tokens.list', authentik: ANSWERS.list },
    async handler(request) {
      const query = new Query(request);
      const filter = visibleTokens(request);
      const page = pageOf(query);
      const found =
        filter === 'nothing' ? { tokens: [], total: 0 } : await tokens.list(filter, tokenOrdersOf(query), rowsOf(page));
      return {
        pagination: paginationOf(page, found.total, found.tokens.length),
        results: found.tokens.map(renderToken),
        autocomplete: {},
      };
    },
  });
}
