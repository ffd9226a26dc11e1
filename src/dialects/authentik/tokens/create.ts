import type { FastifyInstance } from 'fastify';
import { actorOf, answer } from '../../../http/index.ts';
import { ANSWERS } from '../route.ts';
import { writeErrors } from '../schemas.ts';
import { readNewToken } from './input.ts';
import { renderToken } from './render.ts';
import { TOKENS, type TokenServices } from './route.ts';
import { issuedToken, tokenRequest } from './schemas.ts';

/** POST: makes a token. Its key is in this answer, and in no other. */
export function createToken(app: FastifyInstance, services: TokenServices): void {
  app.post(TOKENS, {
    schema: {
      tags: ['core'],
      operationId: 'core_tokens_create',
      description: 'Makes a token and shows its key, this once. It may do no more than the caller.',
      body: tokenRequest,
      response: { 201: answer('The token, with its key', issuedToken), ...writeErrors },
    },
    config: { operation: 'authentik.core.tokens.create', authentik: ANSWERS.list },
    async handler(request, reply) {
      const wanted = await readNewToken(request, services);
      const { key, token } = await services.tokens.issue(actorOf(request), wanted);
      return reply.code(201).send({ ...renderToken(token), key });
    },
  });
}
