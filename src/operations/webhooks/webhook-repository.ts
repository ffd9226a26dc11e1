import { type Database, type Prisma, withStoreErrors } from '../../database/index.ts';
import type { NewMessage } from './message.ts';

export type MessageState = 'pending' | 'delivered' | 'failed';

/** A message as the outbox keeps it. */
export interface StoredMessage {
  readonly id: string;
  readonly type: string;
  readonly state: MessageState;
  /** How often it was sent. */
  readonly attempts: number;
  readonly createdAt: Date;
  readonly nextAttemptAt: Date;
  /** When it was delivered or given up; null before. */
  readonly settledAt: Date | null;
  readonly lastError: string | null;
}

/** A message that this process sends now. */
export interface ClaimedMessage extends Pick<NewMessage, 'id' | 'payload'> {
  readonly type: string;
  /** How often it is sent, with this time. */
  readonly attempts: number;
  /** Until when it is this process's, by which that knows its claim again. */
  readonly until: string;
}

/** What becomes of a message after an attempt. */
export type Settlement =
  | { readonly state: 'delivered' }
  | { readonly state: 'failed'; readonly error: string }
  /** An attempt that was not the receiver's to answer does not count. */
  | { readonly state: 'pending'; readonly error: string; readonly delayMs: number; readonly counts: boolean };

const INSERT =
  'INSERT INTO webhook_messages (id, type, payload) SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[])';

/** Whoever is killed before it settles what it claimed leaves it to the others, by the database's clock. */
const CLAIM = `
  UPDATE webhook_messages SET attempts = attempts + 1, next_attempt_at = clock_timestamp() + $2::int * interval '1 millisecond'
  WHERE id IN (
    SELECT id FROM webhook_messages WHERE state = 'pending' AND next_attempt_at <= clock_timestamp()
    ORDER BY next_attempt_at LIMIT $1::int FOR UPDATE SKIP LOCKED)
  RETURNING id, type, payload, attempts, next_attempt_at::text AS until`;

/** That it was delivered is true whoever says so. Anything else is for the one whose claim was the last. */
const SETTLE = `
  UPDATE webhook_messages SET
    state = $3::webhook_state, last_error = coalesce($4, last_error), attempts = attempts - CASE WHEN $6::boolean THEN 0 ELSE 1 END,
    settled_at = CASE WHEN $3::webhook_state = 'pending' THEN NULL ELSE clock_timestamp() END,
    next_attempt_at = clock_timestamp() + $5::float8 * interval '1 millisecond'
  WHERE id = $1::uuid AND state <> 'delivered' AND ($3::webhook_state = 'delivered' OR (state = 'pending' AND next_attempt_at = $2::timestamptz))`;

const RETRY = `
  UPDATE webhook_messages SET state = 'pending', attempts = 0, settled_at = NULL, next_attempt_at = clock_timestamp()
  WHERE state <> 'delivered' AND CASE WHEN $1::uuid IS NULL THEN state = 'failed' ELSE id = $1::uuid END RETURNING id`;

const LIST = `
  SELECT id, type, state, attempts, created_at AS "createdAt", next_attempt_at AS "nextAttemptAt", settled_at AS "settledAt",
    last_error AS "lastError"
  FROM webhook_messages WHERE NOT $1::boolean OR state = 'failed' ORDER BY created_at DESC, id LIMIT $2::int`;

const PRUNE = `
  DELETE FROM webhook_messages WHERE id IN (
    SELECT id FROM webhook_messages WHERE settled_at < clock_timestamp() - $1::int * interval '1 day' LIMIT $2::int FOR UPDATE SKIP LOCKED)
  RETURNING id`;

/** Puts messages into the outbox, in the transaction of what they tell of. */
export async function insertMessages(
  tx: Pick<Prisma.TransactionClient, '$executeRawUnsafe'>,
  messages: readonly NewMessage[],
): Promise<void> {
  await tx.$executeRawUnsafe(
    INSERT,
    messages.map(({ id }) => id),
    messages.map(({ type }) => type),
    messages.map(({ payload }) => payload),
  );
}

export type WebhookRepository = ReturnType<typeof webhookRepository>;

/** The only code that touches the outbox, but for {@link insertMessages}. */
export function webhookRepository(database: Pick<Database, 'query'>) {
  return withStoreErrors({
    /**
     * Takes messages that are due, so that nobody else sends them meanwhile.
     *
     * @param forMs how long they are this process's; then they are due again
     */
    claim(limit: number, forMs: number): Promise<ClaimedMessage[]> {
      return database.query<ClaimedMessage>(CLAIM, [limit, forMs]);
    },

    /** Writes down what became of a message that was claimed. */
    async settle({ id, until }: Pick<ClaimedMessage, 'id' | 'until'>, settlement: Settlement): Promise<void> {
      const error = 'error' in settlement ? settlement.error : null;
      const delayMs = 'delayMs' in settlement ? settlement.delayMs : 0;
      const counts = 'counts' in settlement ? settlement.counts : true;
      await database.query(SETTLE, [id, until, settlement.state, error, delayMs, counts]);
    },

    /**
     * Sends again what was given up, or at once what waits, as if it had never been sent.
     *
     * @param id of that one alone; of all that were given up without it
     * @returns how many they are
     */
    async retry(id?: string): Promise<number> {
      return (await database.query(RETRY, [id ?? null])).length;
    },

    /** The messages, the newest first. */
    list({ failedOnly, limit }: { readonly failedOnly: boolean; readonly limit: number }): Promise<StoredMessage[]> {
      return database.query<StoredMessage>(LIST, [failedOnly, limit]);
    },

    /**
     * Deletes messages that were settled longer ago than that.
     *
     * @returns how many, `limit` at the most
     */
    async prune(days: number, limit: number): Promise<number> {
      return (await database.query(PRUNE, [days, limit])).length;
    },
  });
}
