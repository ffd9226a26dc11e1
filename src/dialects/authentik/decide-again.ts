import type { FastifyInstance, FastifyRequest } from 'fastify';
import { authorise, isOnTarget, type Operation, type Tokens } from '../../access/index.ts';
import type { Keypairs } from '../../keypairs/index.ts';
import { authenticate } from './authentication.ts';
import { findPairFor } from './find-pair.ts';
import { anyVisible } from './visible.ts';

/** What a decision is made by. */
export interface DecisionServices {
  readonly tokens: Tokens;
  readonly keypairs: Keypairs;
}

/**
 * Decides once more, in the same order, when a body has come. Its client chooses how long that takes: whoever began a request before
 * its token was revoked would otherwise end it with the rights of then, and might make itself another token.
 */
export function decideAgain(app: FastifyInstance, services: DecisionServices): void {
  app.addHook('preHandler', async (request) => {
    if (request.body !== undefined && request.routeOptions.config.operation !== undefined) {
      await stillMayHere(request, services);
    }
  });
}

/**
 * As {@link stillMay}, also with the pair that the path names.
 *
 * @throws {AccessError} where the token is no longer let in, or lost the right
 * @throws {KeypairNotFound} where the pair is gone, or the caller sees it no more
 */
export async function stillMayHere(request: FastifyRequest, services: DecisionServices): Promise<void> {
  const { operation } = request.routeOptions.config;
  await stillMay(request, services);
  if (operation !== undefined && isOnTarget(operation)) {
    request.pair = await findPairFor(request, services.keypairs, operation);
  }
}

/**
 * Lets through whoever may do what the route does, now: also for a handler that has waited.
 *
 * @throws {AccessError} where the token is no longer let in, or lost the right
 */
export async function stillMay(request: FastifyRequest, { tokens, keypairs }: DecisionServices): Promise<void> {
  const operation: Operation | undefined = request.routeOptions.config.operation;
  request.caller = await authenticate(request, tokens);
  if (operation !== undefined) {
    await authorise(request.caller, operation, anyVisible(keypairs));
  }
}
