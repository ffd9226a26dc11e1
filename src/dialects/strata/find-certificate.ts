import type { FastifyInstance, FastifyRequest } from 'fastify';
import {
  type AnyVisible,
  authorise,
  authoriseOn,
  isOnTarget,
  PermissionDenied,
  visibleIn,
} from '../../access/index.ts';
import { type KeypairId, KeypairNotFound, type Keypairs, keypairIdOf, type Placement } from '../../keypairs/index.ts';
import { authenticate } from './authentication.ts';
import { notPresent } from './errors.ts';
import type { Services } from './route.ts';
import { containerAt, tenantOf } from './tenancy.ts';

/** A certificate that a path names, found in the caller's tenant. */
export interface Target {
  readonly id: KeypairId;
  readonly placement: Placement;
}

declare module 'fastify' {
  interface FastifyRequest {
    /** The certificate that the path names, once it was found and the caller may do with it what the route does. */
    certificate: Target | undefined;
  }
}

/** Finds the certificate of each route that is about one before the body is read: whoever lacks the right learns nothing of what it sent. */
export function findCertificatesFirst(app: FastifyInstance, keypairs: Keypairs): void {
  app.decorateRequest('certificate', undefined);
  app.addHook('onRequest', async (request) => {
    await findTarget(request, keypairs);
  });
}

/**
 * Decides once more, in the same order, when a body has come, whose client chooses how long that takes: what was revoked meanwhile ends
 * nothing.
 */
export function decideAgain(app: FastifyInstance, services: Services): void {
  app.addHook('preHandler', async (request) => {
    if (request.body !== undefined && request.routeOptions.config.operation !== undefined) {
      await stillMay(request, services);
      await findTarget(request, services.keypairs);
    }
  });
}

/**
 * Lets through whoever may do what the route does, now: also for a handler that has waited.
 *
 * @throws {AccessError} where the token is no longer let in, or lost the right
 */
export async function stillMay(request: FastifyRequest, services: Services): Promise<void> {
  const login = await authenticate(request, services);
  request.caller = login?.caller;
  request.tsg = login?.tsg;
  const { operation } = request.routeOptions.config;
  if (operation !== undefined) {
    await authorise(request.caller, operation, anyVisible(request, services.keypairs));
  }
}

/**
 * As {@link stillMay}, where the request is about a container: the token may have been given another tenant meanwhile, and is let in, but
 * no longer there.
 *
 * @throws {AccessError}
 */
export async function stillMayIn(request: FastifyRequest, services: Services, placement: Placement): Promise<void> {
  await stillMay(request, services);
  const { operation } = request.routeOptions.config;
  if (operation !== undefined && containerAt(placement.scope)?.tsg !== tenantOf(request)) {
    throw new PermissionDenied(operation);
  }
}

/** Whether any of some certificates is there to be seen in the tenant of the request. */
export function anyVisible(request: FastifyRequest, keypairs: Keypairs): AnyVisible {
  return async (ids) => {
    const scopes = (await keypairs.locate('strata', [...ids])).values();
    return [...scopes].some((scope) => containerAt(scope)?.tsg === request.tsg);
  };
}

/**
 * The certificate that the path names, which the caller may do with what the route does.
 *
 * @throws {Error} on a route whose operation is about no certificate
 */
export function certificateOf({ certificate, routeOptions }: FastifyRequest): Target {
  if (certificate === undefined) {
    throw new Error(`${routeOptions.url} is about no certificate`);
  }
  return certificate;
}

/**
 * Finds the certificate that the path names, and decides whether the caller may do with it what the route does: for a handler that has
 * waited once more, behind {@link stillMay}.
 *
 * @throws {Refusal} 404 for what is no id
 * @throws {KeypairNotFound} where there is none in the caller's tenant, or the caller does not see it
 * @throws {PermissionDenied} where the caller sees it and lacks the right
 */
export async function findTarget(request: FastifyRequest, keypairs: Keypairs): Promise<void> {
  const { operation } = request.routeOptions.config;
  if (operation === undefined || !isOnTarget(operation)) {
    return;
  }
  const { id: written = '' } = request.params as { id?: string };
  const id = keypairIdOf(written.toLowerCase());
  if (id === undefined) {
    throw notPresent();
  }
  const scope = (await keypairs.locate('strata', [id])).get(id);
  const isThere = scope !== undefined && containerAt(scope)?.tsg === tenantOf(request);
  if (!isThere || visibleIn(request.caller, operation)?.has(id) === false) {
    throw new KeypairNotFound(id);
  }
  authoriseOn(request.caller, operation, id);
  request.certificate = { id, placement: { realm: 'strata', scope } };
}
