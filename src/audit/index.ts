export { type Actor, type HttpRequest, OPERATOR, type Origin, type PrincipalId, SERVER } from './actor.ts';
export { clientNetwork } from './address-windows.ts';
export {
  type AuditKey,
  AuditKeyMalformed,
  type AuditKeys,
  auditKeyOf,
  deriveAuditKeys,
  generateAuditKey,
  parseAuditKeys,
} from './audit-key.ts';
export { formatHead, type Head, parseHead } from './batch.ts';
export { type BatchRepository, batchRepository } from './batch-repository.ts';
export { EVENT_ACTIONS, type EventAction, type EventModel, type EventRow, type NewEvent } from './event.ts';
export {
  EVENT_VALUES,
  type EventRepository,
  eventInsertion,
  eventRepository,
  eventValues,
  insertEvent,
  insertEvents,
} from './event-repository.ts';
export {
  type EventQueries,
  type EventQueriesOptions,
  eventQueries,
  type StoredEvent,
} from './event-repository-reads.ts';
export type { EventFilter, EventOrder, EventOrderField, EventPage } from './event-repository-statements.ts';
export { FINDINGS, type Finding, type FindingKind, type Severity } from './finding.ts';
export { type LoginFailures, loginFailures } from './login-failures.ts';
export { type RefusedAttempt, refusedAttempts } from './refused-attempts.ts';
export { dropBatches } from './retention.ts';
export { retentionRepository } from './retention-repository.ts';
export { type AuditSealer, type AuditSealerOptions, auditSealer, SEALER_LEASE } from './sealer.ts';
export type { AuditLog } from './sealing.ts';
export { type AuditTrail, auditTrail } from './trail.ts';
export { type Verification, verifyTrail } from './verify.ts';
