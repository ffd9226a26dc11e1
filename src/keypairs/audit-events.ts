import type { Actor, NewEvent } from '../audit/index.ts';
import type { KeypairId, Placement } from './keypair.ts';

/** What events tell of keypairs, in the shapes of authentik (contract §4). */

const APP = 'authentik_crypto';
const MODEL = 'certificatekeypair';

export interface Named {
  readonly id: KeypairId;
  readonly name: string;
  readonly placement: Placement;
}

/** That a pair was stored, changed or deleted; `name` is the one that it has from now on, or had. */
export function writeEvent(
  action: 'model_created' | 'model_updated' | 'model_deleted',
  actor: Actor,
  { id, name, placement }: Named,
  signerId: KeypairId | null = null,
): NewEvent {
  const pk = hexOf(id);
  const signer = signerId === null ? {} : { signer: { pk: hexOf(signerId), app: APP, model_name: MODEL } };
  return {
    action,
    app: 'authentik.events.middleware',
    actor,
    model: { app: APP, modelName: MODEL, pk, name },
    context: { model: { pk, app: APP, name, model_name: MODEL }, ...whereOf(placement), ...signer },
  };
}

/**
 * That somebody is about to be given a text. In the context the pair is no `model` but the `secret`, as authentik tells it; the event is
 * of that model all the same, so that one question finds all that happened to a pair.
 */
export function viewEvent(type: 'certificate' | 'private_key', actor: Actor, { id, name, placement }: Named): NewEvent {
  const pk = hexOf(id);
  return {
    action: 'secret_view',
    app: 'authentik.crypto.api',
    actor,
    model: { app: APP, modelName: MODEL, pk, name },
    context: { secret: { pk, app: APP, name, model_name: MODEL }, type, ...whereOf(placement) },
  };
}

/** authentik has one place alone, and tells of none. */
function whereOf({ realm, scope }: Placement): { placement?: Placement } {
  return realm === 'authentik' ? {} : { placement: { realm, scope } };
}

function hexOf(id: KeypairId): string {
  return id.replaceAll('-', '');
}
