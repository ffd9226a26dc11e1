import { type Database, withStoreErrors } from '../database/index.ts';
import type { EventRow } from './event.ts';

type Transaction = Pick<Database['prisma'], '$executeRawUnsafe'>;

/** Writes an event inside a transaction, and notes that no batch holds it yet. One statement: meanwhile the row is locked. */
export async function insertEvent(tx: Transaction, event: EventRow): Promise<void> {
  await tx.$executeRawUnsafe(INSERT, ...eventValues(event));
  event.onWritten?.();
}

/** Writes many events inside a transaction, as {@link insertEvent} does one: in one statement, however many they are. */
export async function insertEvents(tx: Transaction, events: readonly EventRow[]): Promise<void> {
  const rows = events.map(eventValues);
  const columns = COLUMNS.map((_, column) => rows.map((row) => row[column]));
  await tx.$executeRawUnsafe(INSERT_MANY, ...columns);
}

const COLUMNS = [
  ['id', 'uuid'],
  ['created_at', 'timestamptz'],
  ['action', 'text'],
  ['app', 'text'],
  ['principal_id', 'uuid'],
  ['username', 'text'],
  ['token_id', 'uuid'],
  ['client_address', 'text'],
  ['request_id', 'text'],
  ['model_app', 'text'],
  ['model_name', 'text'],
  ['model_pk', 'text'],
  ['context', 'text'],
  ['mac_key_id', 'text'],
  ['mac', 'bytea'],
] as const;

/** How many values {@link eventInsertion} takes. */
export const EVENT_VALUES = COLUMNS.length;

/**
 * Two common table expressions that write an event, for a statement that does something else too.
 *
 * @param before how many values the statement has before the event's
 */
export function eventInsertion(before: number): string {
  const names = COLUMNS.map(([name]) => name).join(', ');
  const values = COLUMNS.map(([, type], index) => `$${before + index + 1}::${type}`).join(', ');
  return `event AS (INSERT INTO events (${names}) VALUES (${values}) RETURNING id),
    unsealed AS (INSERT INTO unsealed_events (event_id) SELECT id FROM event)`;
}

/** The values of {@link eventInsertion}, in its order. */
export function eventValues(event: EventRow): readonly unknown[] {
  return [
    event.id,
    event.createdAt,
    event.action,
    event.app,
    event.principalId,
    event.username,
    event.tokenId,
    event.clientAddress,
    event.requestId,
    event.modelApp,
    event.modelName,
    event.modelPk,
    event.context,
    event.macKeyId,
    Buffer.from(event.mac),
  ];
}

/** A time as our MACs cover it: `2026-01-02T03:04:05.678Z`. Whatever was put there has a text, and another than every other time. */
export function isoText(column: string): string {
  const text = `to_char(${column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
  return `CASE WHEN ${column} BETWEEN '0001-01-01T00:00:00Z' AND '9999-12-31T23:59:59Z' THEN ${text} ELSE ${column}::text END`;
}

/** What is selected of `events e` to be a {@link StoredEvent}. */
export const STORED_EVENT = `e.id, ${isoText('e.created_at')} AS "createdAt", e.action, e.app, e.principal_id AS "principalId",
  e.username, e.token_id AS "tokenId", e.client_address AS "clientAddress", e.request_id AS "requestId", e.model_app AS "modelApp",
  e.model_name AS "modelName", e.model_pk AS "modelPk", e.context, e.mac_key_id AS "macKeyId", e.mac`;

const INSERT = `WITH ${eventInsertion(0)} SELECT`;

const INSERT_MANY = `
  WITH event AS (
    INSERT INTO events (${COLUMNS.map(([name]) => name).join(', ')})
    SELECT * FROM unnest(${COLUMNS.map(([, type], index) => `$${index + 1}::${type}[]`).join(', ')}) RETURNING id)
  INSERT INTO unsealed_events (event_id) SELECT id FROM event`;

export type EventRepository = ReturnType<typeof eventRepository>;

/** The only code that reads and writes events, but for those that are written with something else. */
export function eventRepository(database: Database) {
  return withStoreErrors({
    async insert(event: EventRow): Promise<void> {
      await database.query(INSERT, eventValues(event));
      event.onWritten?.();
    },
  });
}
