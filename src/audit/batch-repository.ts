import { type Database, withStoreErrors } from '../database/index.ts';
import type { Batch, Head } from './batch.ts';
import type { StoredEvent } from './event.ts';
import { STORED_EVENT } from './event-repository.ts';

/** A row whose number is a text, as every driver gives a bigint alike. */
type NumberedRow<T extends { readonly number: bigint }> = Omit<T, 'number'> & { readonly number: string };

const HAS_UNSEALED = 'SELECT EXISTS (SELECT 1 FROM unsealed_events) AS "hasUnsealed"';

const HOLDS_EVENTS = `
  SELECT EXISTS (SELECT 1 FROM events) OR EXISTS (SELECT 1 FROM event_batches) AS "holdsEvents"`;

/** Qualified: a bare name would order by the text. */
const HEAD = 'SELECT b.number::text, b.mac FROM event_batches b ORDER BY b.number DESC LIMIT 1';

const LAST_KEY = 'SELECT b.mac_key_id AS "keyId" FROM event_batches b ORDER BY b.number DESC LIMIT 1';

/**
 * By membership in the queue, not by time or id: an event is seen when its transaction commits, which can be long after later ones did.
 * One that a batch holds already was queued again by somebody else; it must not keep others from being sealed.
 */
const UNSEALED = `
  SELECT ${STORED_EVENT}
  FROM unsealed_events u JOIN events e ON e.id = u.event_id
  WHERE u.event_id > $1::uuid AND NOT EXISTS (SELECT 1 FROM event_batch_members m WHERE m.event_id = u.event_id)
  ORDER BY u.event_id LIMIT $2::int`;

/**
 * One statement, therefore whole or not at all. Of two processes that seal at once, one meets a primary key: that of the batch's number,
 * or where it read the head later than the queue, that of an event's membership.
 */
const SEAL = `
  WITH batch AS (
    INSERT INTO event_batches (number, previous_mac, event_count, digest, mac_key_id, mac, sealed_at, newest_at)
    VALUES ($1::bigint, $2::bytea, $3::int, $4::bytea, $5::text, $6::bytea, $7::timestamptz, $8::timestamptz)
  ), dequeued AS (
    DELETE FROM unsealed_events WHERE event_id = ANY ($9::uuid[])
  )
  INSERT INTO event_batch_members (event_id, batch_number) SELECT unnest($9::uuid[]), $1::bigint`;

export type BatchRepository = ReturnType<typeof batchRepository>;

/** What the sealer reads and writes. It never changes nor deletes an event or a batch. */
export function batchRepository(database: Pick<Database, 'query'>) {
  return withStoreErrors({
    /** Whether there may be anything to seal: the one cheap query of an idle store. */
    async hasUnsealed(): Promise<boolean> {
      const [row] = await database.query<{ hasUnsealed: boolean }>(HAS_UNSEALED, []);
      return row?.hasUnsealed === true;
    },

    /** Whether anything was ever written. */
    async holdsEvents(): Promise<boolean> {
      const [row] = await database.query<{ holdsEvents: boolean }>(HOLDS_EVENTS, []);
      return row?.holdsEvents === true;
    },

    /** The last batch; undefined where there is none. */
    async head(): Promise<Head | undefined> {
      const [row] = await database.query<NumberedRow<Head>>(HEAD, []);
      return row && { number: BigInt(row.number), mac: row.mac };
    },

    /** The id of the audit key that sealed the last batch; undefined where there is none. */
    async lastKeyId(): Promise<string | undefined> {
      const [row] = await database.query<{ keyId: string }>(LAST_KEY, []);
      return row?.keyId;
    },

    /**
     * Committed events that no batch holds, in the order of their ids.
     *
     * @param after the id that they come after
     */
    unsealed(after: string, limit: number): Promise<StoredEvent[]> {
      return database.query<StoredEvent>(UNSEALED, [after, limit]);
    },

    /**
     * Puts events into a new batch.
     *
     * @throws pg's error for a violated primary key, where another process was quicker: nothing is stored then
     */
    async seal(batch: Batch, eventIds: readonly string[]): Promise<void> {
      await database.query(SEAL, [
        String(batch.number),
        Buffer.from(batch.previousMac),
        batch.eventCount,
        Buffer.from(batch.digest),
        batch.macKeyId,
        Buffer.from(batch.mac),
        batch.sealedAt,
        batch.newestAt,
        eventIds,
      ]);
    },
  });
}
