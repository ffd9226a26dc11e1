import { type Database, withStoreErrors } from '../database/index.ts';
import {
  type EventFilter,
  type EventOrder,
  type EventPage,
  findEventStatement,
  listEventsStatement,
} from './event-repository-statements.ts';

/** An event as it is read. */
export interface StoredEvent {
  readonly id: string;
  readonly createdAt: Date;
  /** From when on a retention may drop it; null where it is kept for ever. */
  readonly expiresAt: Date | null;
  readonly action: string;
  readonly app: string;
  /** Null where nobody was let in. */
  readonly username: string | null;
  /** By which authentik's API calls the principal; null where that has no row, as of a command. */
  readonly principalNumber: number | null;
  readonly tokenId: string | null;
  readonly clientAddress: string | null;
  readonly requestId: string | null;
  /** JSON text. */
  readonly context: string;
}

/** Lets only so many run at once. */
interface Turns {
  run<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T>;
}

export interface EventQueriesOptions {
  /** Lists of events take turns: they count whatever matches, and there are more events than anything else. */
  readonly turns: Turns;
  /** For how many days events are kept; 0 for ever. */
  readonly retentionDays: number;
}

/** As it comes from the database. */
type Row = Omit<StoredEvent, 'expiresAt'>;

const DAY_MS = 86_400_000;

export type EventQueries = ReturnType<typeof eventQueries>;

/** Reads of events. Nothing here changes one. */
export function eventQueries(database: Database, { turns, retentionDays }: EventQueriesOptions) {
  const toEvent = (row: Row): StoredEvent => ({
    ...row,
    expiresAt: retentionDays === 0 ? null : new Date(row.createdAt.getTime() + retentionDays * DAY_MS),
  });

  async function read(filter: EventFilter, orders: readonly EventOrder[], page: EventPage) {
    const { text, values } = listEventsStatement(filter, orders, page);
    // Orders of several columns are as many as clients can think of.
    const rows = await database.query<Row & { total: number }>(text, values, {
      prepare: orders.length <= 1 ? 'while-few' : 'never',
    });
    // A page beyond the last is one row of nulls beside the total.
    const found = rows.filter(({ id }) => id !== null).map(({ total: _total, ...row }) => toEvent(row));
    return { total: rows[0]?.total ?? 0, events: found as readonly StoredEvent[] };
  }

  return withStoreErrors({
    /**
     * One page, and the number of all that match, from one snapshot. Waits for its turn.
     *
     * @param departure gives what is aborted when the caller leaves
     * @throws {StoreUnavailable} where it waited in vain, too
     */
    list(filter: EventFilter, orders: readonly EventOrder[], page: EventPage, departure: () => AbortSignal) {
      return turns.run(() => read(filter, orders, page), departure());
    },

    /**
     * One event; undefined where there is none, or none that passes the filter.
     *
     * @param id a UUID
     */
    async find(id: string, filter: EventFilter): Promise<StoredEvent | undefined> {
      const { text, values } = findEventStatement(id, filter);
      const isPlain = Object.keys(filter).length === 0;
      const [row] = isPlain
        ? await database.lookUp<Row>(text, values)
        : await database.query<Row>(text, values, { prepare: 'while-few' });
      return row && toEvent(row);
    },
  });
}
