import type { FastifyInstance, FastifyRequest } from 'fastify';
import { type AccountId, type AnyVisible, authorise, authoriseOn, isOnTarget, visibleIn } from '../../access/index.ts';
import { type KeypairId, KeypairNotFound } from '../../keypairs/index.ts';
import { accountOf, enterAccount } from './account.ts';
import { authenticate } from './authentication.ts';
import { Problem } from './errors.ts';
import { certificateIdOf } from './identifier.ts';
import type { Services } from './route.ts';

/** A certificate that a path names, found in its account. */
export interface Target {
  readonly id: KeypairId;
  readonly account: AccountId;
}

declare module 'fastify' {
  interface FastifyRequest {
    /** The certificate that the path names, once it was found and the caller may do with it what the route does. */
    trustEntry: Target | undefined;
  }
}

/** Finds the certificate of each route that is about one before the body is read: whoever lacks the right learns nothing of what it sent. */
export function findCertificatesFirst(app: FastifyInstance, services: Services): void {
  app.decorateRequest('trustEntry', undefined);
  app.addHook('onRequest', (request) => findTarget(request, services));
}

/**
 * Decides once more, in the same order, when a body has come, whose client chooses how long that takes: what was revoked meanwhile ends
 * nothing.
 */
export function decideAgain(app: FastifyInstance, services: Services): void {
  app.addHook('preHandler', async (request) => {
    const { operation } = request.routeOptions.config;
    if (request.body === undefined || operation === undefined) {
      return;
    }
    request.caller = await authenticate(request, services);
    await enterAccount(request, services);
    await authorise(request.caller, operation, anyVisible(request, services));
    await findTarget(request, services);
  });
}

/** Whether any of some certificates is there to be seen in the account of the request. */
export function anyVisible(request: FastifyRequest, { keypairs }: Pick<Services, 'keypairs'>): AnyVisible {
  return async (ids) => {
    const scopes = (await keypairs.locate('astra', [...ids])).values();
    return [...scopes].some((scope) => scope === accountOf(request));
  };
}

/**
 * The certificate that the path names, which the caller may do with what the route does.
 *
 * @throws {Error} on a route whose operation is about no certificate
 */
export function certificateOf({ trustEntry, routeOptions }: FastifyRequest): Target {
  if (trustEntry === undefined) {
    throw new Error(`${routeOptions.url} is about no certificate`);
  }
  return trustEntry;
}

/**
 * Finds the certificate that the path names, and decides whether the caller may do with it what the route does.
 *
 * @throws {Problem} 35 for what is no id
 * @throws {KeypairNotFound} where there is none in the account, or the caller does not see it
 * @throws {PermissionDenied} where the caller sees it and lacks the right
 */
async function findTarget(request: FastifyRequest, { keypairs }: Services): Promise<void> {
  const { operation } = request.routeOptions.config;
  if (operation === undefined || !isOnTarget(operation)) {
    return;
  }
  const { certificate_id: written = '' } = request.params as { certificate_id?: string };
  const id = certificateIdOf(written);
  if (id === undefined) {
    throw new Problem(35);
  }
  const account = accountOf(request);
  const isThere = (await keypairs.locate('astra', [id])).get(id) === account;
  if (!isThere || visibleIn(request.caller, operation)?.has(id) === false) {
    throw new KeypairNotFound(id);
  }
  authoriseOn(request.caller, operation, id);
  request.trustEntry = { id, account };
}
