import type { FastifyRequest } from 'fastify';
import { type Caller, NotAuthenticated } from '../access/index.ts';
import type { Actor } from '../audit/index.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Who calls; undefined without a token. */
    caller: Caller | undefined;
  }
}

/**
 * The caller as whoever does something, with where the request came from.
 *
 * @throws {NotAuthenticated} on a route that lets callers without a token in
 */
export function actorOf(request: FastifyRequest): Actor {
  if (request.caller === undefined) {
    throw new NotAuthenticated();
  }
  const { id, username, tokenId } = request.caller;
  return { id, username, tokenId, requestId: request.id, address: request.ip };
}
