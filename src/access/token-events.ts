import type { Actor, EventAction, NewEvent } from '../audit/index.ts';
import { formatGrant } from './permission.ts';
import { formatReach } from './reach.ts';
import type { TokenRights } from './token-record.ts';

/** A token as its events name it. */
export interface NamedToken extends TokenRights {
  readonly id: string;
  readonly identifier: string;
  readonly expiresAt: Date | null;
}

/**
 * What is told of a write on a token, in the shape of authentik's model events (contract §4), with what the token may do from now on.
 *
 * @param token as it is after the write
 */
export function tokenEvent(
  action: Extract<EventAction, 'model_created' | 'model_updated' | 'model_deleted'>,
  actor: Actor,
  token: NamedToken,
): NewEvent {
  const model = {
    app: 'authentik_core',
    modelName: 'token',
    pk: token.id.replaceAll('-', ''),
    name: token.identifier,
  };
  return {
    action,
    app: 'authentik.events.middleware',
    actor,
    model,
    context: {
      model: { pk: model.pk, app: model.app, name: model.name, model_name: model.modelName },
      ...(action === 'model_deleted' ? {} : { rights: rightsOf(token) }),
    },
  };
}

function rightsOf({ isSuperuser, grants, reach, expiresAt }: NamedToken) {
  return {
    is_superuser: isSuperuser,
    permissions: grants.map(formatGrant),
    reach: reach.map(formatReach),
    expires: expiresAt?.toISOString() ?? null,
  };
}
