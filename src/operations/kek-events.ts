import { type AuditTrail, insertEvent, OPERATOR } from '../audit/index.ts';
import type { KekAdministrationOptions } from '../sealing/index.ts';

/** Writes the event of what an operator does to a KEK, in the transaction that does it. */
export function kekEvents(trail: AuditTrail): KekAdministrationOptions['tell'] {
  return (tx, { kind, kekId, before, forced }) => {
    const pk = kekId.replaceAll('-', '');
    const model = { app: 'authentik_crypto', modelName: 'kek', pk, name: kekId };
    const event = trail.prepare({
      action: 'secret_rotate',
      app: 'certkeep.sealing',
      actor: OPERATOR,
      model,
      context: { kind, before, forced, secret: { app: model.app, model_name: model.modelName, name: kekId, pk } },
    });
    return insertEvent(tx, event);
  };
}
