import { type Database, withStoreErrors } from '../database/index.ts';
import type { Batch, BatchDrop } from './batch.ts';
import type { StoredEvent } from './event.ts';
import { STORED_EVENT } from './event-repository.ts';
import { BATCH_COLUMNS } from './trail-repository.ts';

/** Batches are dropped in their order, so that those that were dropped need not be looked at again. */
const KEPT = `
  SELECT ${BATCH_COLUMNS} FROM event_batches b
  WHERE b.number > greatest($1::bigint, (SELECT max(batch_number) FROM event_batch_drops)) ORDER BY b.number LIMIT $2::int`;

const EVENTS = `
  SELECT ${STORED_EVENT} FROM event_batch_members m JOIN events e ON e.id = m.event_id
  WHERE m.batch_number = $1::bigint ORDER BY m.event_id LIMIT $2::int`;

const DROP = `
  WITH drop AS (
    INSERT INTO event_batch_drops (batch_number, dropped_at, mac_key_id, mac)
    VALUES ($1::bigint, $2::timestamptz, $3::text, $4::bytea)
  ), member AS (
    DELETE FROM event_batch_members WHERE batch_number = $1::bigint RETURNING event_id
  )
  DELETE FROM events WHERE id IN (SELECT event_id FROM member)`;

export type RetentionRepository = ReturnType<typeof retentionRepository>;

/** The only code that deletes events. */
export function retentionRepository(database: Pick<Database, 'query'>) {
  return withStoreErrors({
    /**
     * Batches after the last one that was dropped, in their order.
     *
     * @param after the number that they come after too
     */
    async kept(after: bigint, limit: number): Promise<Batch[]> {
      const rows = await database.query<Omit<Batch, 'number'> & { number: string }>(KEPT, [String(after), limit]);
      return rows.map((row) => ({ ...row, number: BigInt(row.number) }));
    },

    /** The events of a batch that are there, in the order of their ids. */
    eventsOf(number: bigint, limit: number): Promise<StoredEvent[]> {
      return database.query<StoredEvent>(EVENTS, [String(number), limit]);
    },

    /**
     * Deletes a batch's events and notes it, whole or not at all.
     *
     * @throws pg's error for a violated primary key, where another process was quicker
     */
    async drop(number: bigint, { droppedAt, macKeyId, mac }: BatchDrop): Promise<void> {
      await database.query(DROP, [String(number), droppedAt, macKeyId, Buffer.from(mac)]);
    },
  });
}
