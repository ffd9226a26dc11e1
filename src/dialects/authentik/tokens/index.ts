import type { FastifyInstance } from 'fastify';
import { createToken } from './create.ts';
import { destroyToken } from './destroy.ts';
import { listTokens } from './list.ts';
import { retrieveToken } from './retrieve.ts';
import type { TokenServices } from './route.ts';
import { partialUpdateToken, updateToken } from './update.ts';

/** authentik's API of tokens, without the two operations that need a token's text to be stored. */
export function tokenRoutes(app: FastifyInstance, services: TokenServices): void {
  listTokens(app, services);
  createToken(app, services);
  retrieveToken(app, services);
  updateToken(app, services);
  partialUpdateToken(app, services);
  destroyToken(app, services);
}
