import { type Database, Prisma, withStoreErrors } from '../database/index.ts';
import type { Batch, BatchDrop } from './batch.ts';
import type { StoredEvent } from './event.ts';
import { isoText, STORED_EVENT } from './event-repository.ts';

/** A batch as it was read, with the record of its drop where there is one. */
export interface StoredBatch extends Batch {
  readonly drop: BatchDrop | null;
}

/** That a batch holds an event, and the event; null where it is not there. */
export interface StoredMember {
  readonly batchNumber: bigint;
  readonly eventId: string;
  readonly event: StoredEvent | null;
}

/** An event that no batch holds. */
export interface LooseEvent extends StoredEvent {
  readonly isQueued: boolean;
}

/** A row of the queue that seals nothing: its event is not there, or is in a batch. */
export interface IdleQueueRow {
  readonly eventId: string;
  readonly hasEvent: boolean;
}

type Query = <Row extends object>(text: string, ...values: unknown[]) => Promise<Row[]>;

/** Reads the audit tables from end to end, in pages by key: whatever their size, a page is in memory. */
export interface TrailReader {
  batches(): AsyncIterable<StoredBatch>;
  /** In the order of batches, then of events. */
  members(): AsyncIterable<StoredMember>;
  looseEvents(): AsyncIterable<LooseEvent>;
  idleQueueRows(): AsyncIterable<IdleQueueRow>;
}

export const BATCH_COLUMNS = `b.number::text, b.previous_mac AS "previousMac", b.event_count AS "eventCount", b.digest,
  b.mac_key_id AS "macKeyId", b.mac, ${isoText('b.sealed_at')} AS "sealedAt", ${isoText('b.newest_at')} AS "newestAt"`;

const BATCHES = `
  SELECT ${BATCH_COLUMNS}, ${isoText('d.dropped_at')} AS "droppedAt", d.mac_key_id AS "dropMacKeyId", d.mac AS "dropMac"
  FROM event_batches b LEFT JOIN event_batch_drops d ON d.batch_number = b.number
  WHERE b.number > $1::bigint ORDER BY b.number LIMIT $2::int`;

const MEMBERS = `
  SELECT m.batch_number::text AS "batchNumber", m.event_id AS "eventId", ${STORED_EVENT}
  FROM event_batch_members m LEFT JOIN events e ON e.id = m.event_id
  WHERE (m.batch_number, m.event_id) > ($1::bigint, $2::uuid) ORDER BY m.batch_number, m.event_id LIMIT $3::int`;

const PAGE = 1000;

/**
 * A page of all events, of which those that a batch holds are bare: to look for the others in one go takes longer than a query may. The
 * page's size stands in the text, so that the planner knows how few they are.
 */
const LOOSE = `
  WITH page AS (SELECT id FROM events WHERE id >= $1::uuid ORDER BY id LIMIT ${PAGE})
  SELECT page.id AS "eventId", ${STORED_EVENT}, u.event_id IS NOT NULL AS "isQueued"
  FROM page LEFT JOIN event_batch_members m ON m.event_id = page.id
    LEFT JOIN events e ON e.id = page.id AND m.event_id IS NULL
    LEFT JOIN unsealed_events u ON u.event_id = e.id
  ORDER BY page.id`;

const IDLE_QUEUE = `
  SELECT u.event_id AS "eventId", e.id IS NOT NULL AS "hasEvent"
  FROM unsealed_events u LEFT JOIN events e ON e.id = u.event_id
  WHERE u.event_id >= $1::uuid
    AND (e.id IS NULL OR EXISTS (SELECT 1 FROM event_batch_members m WHERE m.event_id = u.event_id))
  ORDER BY u.event_id LIMIT $2::int`;

type BatchRow = Omit<Batch, 'number'> & {
  readonly number: string;
  readonly droppedAt: string | null;
  readonly dropMacKeyId: string | null;
  readonly dropMac: Uint8Array | null;
};
type MemberRow = { readonly batchNumber: string; readonly eventId: string } & (StoredEvent | { readonly id: null });
type LooseRow = { readonly eventId: string } & (LooseEvent | { readonly id: null });

/** The least of all. Somebody may give it to a row, so that those that begin with it begin at it. */
export const LEAST_ID = '00000000-0000-0000-0000-000000000000';
const BEFORE_ALL_NUMBERS = '-9223372036854775808';
/** However long a trail is: longer than anybody waits for it. */
const SNAPSHOT_MS = 24 * 60 * 60 * 1000;

/**
 * Lets a trail be read as of one moment: what is sealed, dropped or written meanwhile is as if it came later.
 *
 * @throws {StoreUnavailable}
 */
export function inSnapshot<T>({ prisma }: Database, act: (reader: TrailReader) => Promise<T>): Promise<T> {
  const { read } = withStoreErrors({
    read: () =>
      prisma.$transaction((tx) => act(trailReader((text, ...values) => tx.$queryRawUnsafe(text, ...values))), {
        isolationLevel: Prisma.TransactionIsolationLevel.RepeatableRead,
        timeout: SNAPSHOT_MS,
      }),
  });
  return read();
}

function trailReader(query: Query): TrailReader {
  return {
    async *batches() {
      const pages = paged<BatchRow>(
        BEFORE_ALL_NUMBERS,
        (after) => query(BATCHES, after, PAGE),
        ({ number }) => number,
      );
      for await (const { droppedAt, dropMacKeyId, dropMac, ...row } of pages) {
        // A drop's time may be one that has no text; its MAC is never null.
        const drop =
          dropMacKeyId === null || dropMac === null
            ? null
            : { droppedAt: droppedAt ?? '', macKeyId: dropMacKeyId, mac: dropMac };
        yield { ...row, number: BigInt(row.number), drop };
      }
    },

    async *members() {
      const pages = paged<MemberRow, readonly [string, string]>(
        [BEFORE_ALL_NUMBERS, LEAST_ID],
        ([number, id]) => query(MEMBERS, number, id, PAGE),
        ({ batchNumber, eventId }) => [batchNumber, eventId],
      );
      for await (const { batchNumber, eventId, ...event } of pages) {
        yield { batchNumber: BigInt(batchNumber), eventId, event: event.id === null ? null : event };
      }
    },

    async *looseEvents() {
      const pages = paged<LooseRow>(
        LEAST_ID,
        (after) => query(LOOSE, after),
        ({ eventId }) => eventId,
      );
      for await (const { eventId: _eventId, ...event } of pages) {
        if (event.id !== null) {
          yield event;
        }
      }
    },

    idleQueueRows: () =>
      paged<IdleQueueRow>(
        LEAST_ID,
        (after) => query(IDLE_QUEUE, after, PAGE),
        ({ eventId }) => eventId,
      ),
  };
}

/**
 * @param start comes before all keys, or is the least of them where `load` gives the row at its key too
 * @param load gives the rows from a key on, {@link PAGE} at most
 */
async function* paged<Row, Key = string>(
  start: Key,
  load: (after: Key) => Promise<Row[]>,
  keyOf: (row: Row) => Key,
): AsyncGenerator<Row> {
  let rows = await load(start);
  yield* rows;
  for (let last = rows.at(-1); last !== undefined && rows.length === PAGE; last = rows.at(-1)) {
    const after = keyOf(last);
    rows = await load(after);
    yield* String(keyOf(rows[0] ?? last)) === String(after) ? rows.slice(1) : rows;
  }
}
