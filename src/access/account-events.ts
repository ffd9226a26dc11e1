import type { Actor, EventAction, NewEvent } from '../audit/index.ts';
import type { Account } from './account.ts';

/**
 * What is told of a write on an account, in the shape of authentik's model events, which knows no accounts.
 *
 * @param account with the name that it has from now on, or had
 */
export function accountEvent(
  action: Extract<EventAction, 'model_created' | 'model_updated' | 'model_deleted'>,
  actor: Actor,
  { id, name }: Pick<Account, 'id' | 'name'>,
): NewEvent {
  const model = { app: 'certkeep', modelName: 'account', pk: id.replaceAll('-', ''), name };
  return {
    action,
    app: 'certkeep.access',
    actor,
    model,
    context: { model: { pk: model.pk, app: model.app, name, model_name: model.modelName } },
  };
}
