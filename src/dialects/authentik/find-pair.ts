import type { FastifyInstance, FastifyRequest } from 'fastify';
import { authoriseOn, isOnTarget, type Operation, visibleIn } from '../../access/index.ts';
import { type Keypair, KeypairNotFound, type Keypairs } from '../../keypairs/index.ts';
import { filterOf, Query } from './query.ts';
import { idOf, PLACEMENT, VISIBLE } from './route.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** The pair that the path names, once it was found and the caller may do with it what the route does. */
    pair: Keypair | undefined;
  }
}

/** Finds the pair of each route that is about one before the body is read: whoever lacks the right learns nothing of what it sent. */
export function findPairsFirst(app: FastifyInstance, keypairs: Keypairs): void {
  app.decorateRequest('pair', undefined);
  app.addHook('onRequest', async (request) => {
    const { operation } = request.routeOptions.config;
    if (operation !== undefined && isOnTarget(operation)) {
      request.pair = await findPairFor(request, keypairs, operation);
    }
  });
}

/**
 * The pair that the path names, which the caller may do with what the route does. Handlers get at a pair by this alone.
 *
 * @throws {Error} on a route whose operation is about no pair
 */
export function pairOf({ pair, routeOptions }: FastifyRequest): Keypair {
  if (pair === undefined) {
    throw new Error(`${routeOptions.url} is about no pair`);
  }
  return pair;
}

/**
 * The pair that the path names, for an operation that the caller was let through to. In the original's order: the filters of the query, which
 * act on a single pair too (contract §1.2), the id, whether the caller sees it, its right on it (contract §2.1, rules 5 and 6).
 *
 * @throws {Refusal} 400 for a broken filter, 404 for what is no id
 * @throws {KeypairNotFound} where there is none, or none that passes the filters, or the caller does not see it
 * @throws {PermissionDenied} where the caller sees it and lacks the right
 */
export async function findPairFor(request: FastifyRequest, keypairs: Keypairs, operation: Operation): Promise<Keypair> {
  const { caller, routeOptions } = request;
  const filter = routeOptions.config.authentik?.ignoresFilters === true ? {} : filterOf(new Query(request));
  const id = idOf(request);
  if (visibleIn(caller, operation)?.has(id) === false) {
    throw new KeypairNotFound(id);
  }
  const pair = await keypairs.get(PLACEMENT, id, { ...filter, ...VISIBLE });
  authoriseOn(caller, operation, id);
  return pair;
}
