import { Socket } from 'node:net';
import type { Readable, Writable } from 'node:stream';
import { Client, type QueryResultRow } from 'pg';
import { from, to } from 'pg-copy-streams';

/**
 * One connection of its own beside the pool, for a transaction that takes as long as it takes and for COPY. What its role is told to
 * bound, it does not.
 */
export interface Session {
  query<Row extends QueryResultRow>(text: string, values?: readonly unknown[]): Promise<Row[]>;
  /** @param text COPY … TO STDOUT */
  copyOut(text: string): Readable;
  /**
   * @param text COPY … FROM STDIN. Destroyed, the COPY fails
   */
  copyIn(text: string): Writable & { readonly rowCount: number };
  /** An open transaction is rolled back. */
  close(): Promise<void>;
}

/** Whatever the server, the database or the role are told: one text for one value. */
const SETTINGS = `
  SET statement_timeout = 0; SET lock_timeout = 0; SET idle_in_transaction_session_timeout = 0; SET client_encoding = 'UTF8';
  SET TimeZone = 'UTC'; SET DateStyle = 'ISO, YMD'; SET IntervalStyle = 'postgres'; SET bytea_output = 'hex';
  SET extra_float_digits = 1`;

/**
 * @param url postgresql://…
 * @throws pg's error where the database can't be reached
 */
export async function openSession(url: string): Promise<Session> {
  const socket = new Socket();
  const client = new Client({
    connectionString: url,
    connectionTimeoutMillis: 10_000,
    stream: () => socket,
    keepAlive: true,
    application_name: 'certkeep-backup',
  });
  // A connection that breaks fails what runs on it, and tells so here too; without a listener that would end the process.
  client.on('error', () => {});
  await client.connect();
  await client.query(SETTINGS);
  let copies = 0;

  /** Notes when a COPY is over, and bears that it fails behind the back of whoever gave it up. */
  function copying<Copy extends Readable | Writable>(copy: Copy, over: 'end' | 'finish'): Copy {
    copies++;
    copy.once(over, () => copies--);
    copy.on('error', () => {});
    return copy;
  }

  return {
    async query<Row extends QueryResultRow>(text: string, values: readonly unknown[] = []) {
      return (await client.query<Row>(text, [...values])).rows;
    },
    copyOut: (text) => copying(client.query(to(text)), 'end'),
    copyIn: (text) => copying(client.query(from(text)), 'finish'),
    async close() {
      if (copies > 0) {
        // PostgreSQL takes no goodbye while it sends what nobody reads.
        socket.destroy();
      } else {
        await client.end();
      }
    },
  };
}
