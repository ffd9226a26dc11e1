import type { FastifyRequest } from 'fastify';
import type { Operation } from '../../access/index.ts';
import type { AttemptOnKey } from '../../http/index.ts';
import { KeypairNotFound, keypairIdOf } from '../../keypairs/index.ts';

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

/** Whether an error hides from the caller of a request what is there. */
export function hidesFrom(request: FastifyRequest) {
  return (error: unknown, visible: ReadonlySet<string> | undefined): boolean =>
    error instanceof KeypairNotFound && visible?.has(namedIn(request) ?? '') === false;
}

function namedIn({ params }: FastifyRequest): string | undefined {
  const { id: written = '' } = params as { id?: string };
  return keypairIdOf(written.toLowerCase());
}
