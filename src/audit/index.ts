export { type Actor, type HttpRequest, OPERATOR, type Origin, type PrincipalId } from './actor.ts';
export { EVENT_ACTIONS, type EventAction, type EventModel, type EventRow, type NewEvent } from './event.ts';
export { type AuditKey, auditKeyOf } from './event-mac.ts';
export {
  EVENT_VALUES,
  type EventRepository,
  eventInsertion,
  eventRepository,
  eventValues,
  insertEvent,
} from './event-repository.ts';
export { type AuditTrail, auditTrail } from './trail.ts';
