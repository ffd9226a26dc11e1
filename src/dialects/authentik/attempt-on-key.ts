import type { FastifyRequest } from 'fastify';
import { AccessError, type Operation, PermissionDenied, visibleIn } from '../../access/index.ts';
import { type AttemptOnKey, Throttled } from '../../http/index.ts';
import { HoldsPrivateKey, KeypairNotFound, type Keypairs } from '../../keypairs/index.ts';
import { PLACEMENT, uuidOf } from './route.ts';

/** Whoever may not do these is kept from a key: from seeing it, from putting another in its place, from destroying it. */
const ON_KEYS: ReadonlySet<Operation> = new Set<Operation>([
  'authentik.certificatekeypairs.view_private_key',
  'authentik.certificatekeypairs.update',
  'authentik.certificatekeypairs.partial_update',
  'authentik.certificatekeypairs.destroy',
]);

/** What a request would have done to a key; undefined where it was about none. A certificate's text may hold a key too. */
export async function attemptOnKey(request: FastifyRequest, keypairs: Keypairs): Promise<AttemptOnKey | undefined> {
  const { operation } = request.routeOptions.config;
  const { kp_uuid: written = '' } = request.params as { kp_uuid?: string };
  const keypairId = uuidOf(written);
  if (operation === undefined) {
    return undefined;
  }
  if (ON_KEYS.has(operation)) {
    return { operation, keypairId };
  }
  const isView = operation === 'authentik.certificatekeypairs.view_certificate' && keypairId !== undefined;
  return isView && (await keypairs.certificateHoldsKey(PLACEMENT, keypairId)) ? { operation, keypairId } : undefined;
}

/**
 * Why a request was refused, where the caller lacked something, whatever the answer calls it: a pair that the caller may not see is
 * answered as one that is not there.
 */
export function refusalBehind(request: FastifyRequest, thrown: unknown): AccessError | undefined {
  const error = thrown instanceof Throttled ? thrown.cause : thrown;
  if (error instanceof AccessError) {
    return error;
  }
  const { operation } = request.routeOptions.config;
  if (operation === undefined) {
    return undefined;
  }
  const { kp_uuid: written = '' } = request.params as { kp_uuid?: string };
  const isHidden =
    error instanceof KeypairNotFound && visibleIn(request.caller, operation)?.has(uuidOf(written) ?? '') === false;
  return isHidden || error instanceof HoldsPrivateKey ? new PermissionDenied(operation) : undefined;
}
