export { type Actor, type HttpRequest, OPERATOR, type Origin, type PrincipalId } from './actor.ts';
export { clientNetwork } from './address-windows.ts';
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
export {
  type EventQueries,
  type EventQueriesOptions,
  eventQueries,
  type StoredEvent,
} from './event-repository-reads.ts';
export type { EventFilter, EventOrder, EventOrderField, EventPage } from './event-repository-statements.ts';
export { type LoginFailures, loginFailures } from './login-failures.ts';
export { type RefusedAttempt, refusedAttempts } from './refused-attempts.ts';
export { type AuditTrail, auditTrail } from './trail.ts';
