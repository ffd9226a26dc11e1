import type { FastifyRequest } from 'fastify';
import { AccessError, type Operation, PermissionDenied, visibleIn } from '../../access/index.ts';
import { type AttemptOnKey, Throttled } from '../../http/index.ts';
import { HoldsPrivateKey, KeypairNotFound, keypairIdOf } from '../../keypairs/index.ts';

/** Whoever may not do these is kept from a key: from destroying it, from taking it out. */
const ON_KEYS: ReadonlySet<Operation> = new Set<Operation>([
  'strata.certificates.delete',
  'strata.certificates.export',
]);

/** What a refused request would have done to a key; undefined where it was about none. */
export function attemptOnKey(request: FastifyRequest): AttemptOnKey | undefined {
  const { operation } = request.routeOptions.config;
  return operation !== undefined && ON_KEYS.has(operation) ? { operation, keypairId: namedIn(request) } : undefined;
}

/**
 * Why a request was refused, where the caller lacked something, whatever the answer calls it: a certificate that the caller may not see
 * is answered as one that is not there.
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
  const isHidden =
    error instanceof KeypairNotFound && visibleIn(request.caller, operation)?.has(namedIn(request) ?? '') === false;
  return isHidden || error instanceof HoldsPrivateKey ? new PermissionDenied(operation) : undefined;
}

function namedIn({ params }: FastifyRequest): string | undefined {
  const { id: written = '' } = params as { id?: string };
  return keypairIdOf(written.toLowerCase());
}
