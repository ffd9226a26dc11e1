import type { FastifyInstance } from 'fastify';
import { actorOf, noContent } from '../../../http/index.ts';
import { ANSWERS } from '../route.ts';
import { bodilessErrors } from '../schemas.ts';
import { callerOf, findToken } from './find-token.ts';
import { refuseBeyond } from './input.ts';
import { TOKEN, type TokenServices } from './route.ts';
import { identifierParameter, tokenFilters } from './schemas.ts';

/** DELETE `{identifier}/`: revokes a token, whose row stays for the events that name it. */
export function destroyToken(app: FastifyInstance, { tokens }: TokenServices): void {
  app.delete(TOKEN, {
    schema: {
      tags: ['core'],
      operationId: 'core_tokens_destroy',
      description: 'Revokes a token. One that may do more than the caller is refused.',
      params: identifierParameter,
      querystring: tokenFilters,
      response: { 204: noContent('Revoked'), ...bodilessErrors },
    },
    config: { operation: 'authentik.core.tokens.destroy', authentik: ANSWERS.detail },
    async handler(request, reply) {
      const { identifier } = await findToken(request, tokens);
      const caller = callerOf(request);
      await tokens.revoke(actorOf(request), identifier, (current) =>
        refuseBeyond(caller, current, 'authentik.core.tokens.destroy'),
      );
      return reply.code(204).send();
    },
  });
}
