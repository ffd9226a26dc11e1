import { type Actor, type NewEvent, SERVER } from '../../audit/index.ts';
import { type Named, writeEvent } from '../audit-events.ts';
import type { TrustState } from './trust-entry.ts';
import type { Transition } from './trust-state.ts';

/** Which part of the server tells of transitions: by it they are told apart from the changes that caused them. */
const TRANSITIONS = 'certkeep.trust';

/** That an entry came to be. */
export function addedEvent(actor: Actor, named: Named, state: TrustState): NewEvent {
  const event = writeEvent('model_created', actor, named);
  return { ...event, context: { ...event.context, trust_state: { to: state } } };
}

/** That an entry is no more. */
export function removedEvent(actor: Actor, named: Named, state: TrustState): NewEvent {
  const event = writeEvent('model_deleted', actor, named);
  return { ...event, context: { ...event.context, trust_state: { from: state } } };
}

/** That an entry went from one state to another (contract §4), by a change or by itself. */
export function transitionEvent(actor: Actor, named: Named, { from, to }: Transition): NewEvent {
  const event = writeEvent('model_updated', actor, named);
  return { ...event, app: TRANSITIONS, context: { ...event.context, trust_state: { from, to } } };
}

/** As {@link transitionEvent}, where nobody did anything: time passed, or the store was tampered with. */
export function unpromptedEvent(named: Named, transition: Transition): NewEvent {
  return transitionEvent(SERVER, named, transition);
}
