import type { FastifyRequest } from 'fastify';
import type { Operation } from '../../access/index.ts';
import type { AttemptOnKey } from '../../http/index.ts';
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

/** Whether an error hides from the caller of a request what is there: a pair, or a key in a certificate's text. */
export function hidesFrom({ params }: FastifyRequest) {
  const { kp_uuid: written = '' } = params as { kp_uuid?: string };
  return (error: unknown, visible: ReadonlySet<string> | undefined): boolean =>
    error instanceof HoldsPrivateKey ||
    (error instanceof KeypairNotFound && visible?.has(uuidOf(written) ?? '') === false);
}
