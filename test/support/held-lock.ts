import { setTimeout } from 'node:timers/promises';
import { Client } from 'pg';
import type { TestDatabase } from './database.ts';

/** A lock that somebody waits for. */
export interface HeldLock {
  /** How many connections wait for a lock now, by the `application_name` of each. */
  waiting(): Promise<ReadonlyMap<string, number>>;
  /**
   * Waits until so many connections wait, of so many processes; a race between them is certain from then on.
   *
   * @throws {Error} where they don't in time
   */
  untilWaiting(wanted: { readonly processes: number; readonly connections?: number }): Promise<void>;
}

/** Commands start first, on a machine that may be busy. */
const PATIENCE_MS = 40_000;

const WAITING = `
  SELECT application_name AS name, count(*)::int AS connections FROM pg_stat_activity
  WHERE datname = current_database() AND wait_event_type = 'Lock' AND wait_event = ANY ($1) GROUP BY 1`;

/**
 * What is locked: a table for all who write it, while whoever reads goes on; the rows that a statement locks, which it may change; a
 * table for the first of several, of whom the others wait for what the first one holds; or a number, for which triggers of the test's wait.
 */
export type Locked =
  | { readonly table: string }
  | { readonly rows: string }
  | { readonly tableOfFirst: string }
  | { readonly advisory: number };

const OF_TABLES = ['relation'];
const OF_ROWS = ['transactionid', 'tuple'];
const OF_NUMBERS = ['advisory'];

/** Runs something while a transaction of the test's own holds a lock, and commits that at the end. */
export async function whileLocked<T>(
  { url }: TestDatabase,
  locked: Locked,
  act: (lock: HeldLock) => Promise<T>,
): Promise<T> {
  const client = new Client({ connectionString: url, application_name: 'test' });
  await client.connect();
  const [statement, events] = howToLock(locked);
  const waiting = async () => {
    // Within a transaction the first look is the last one otherwise.
    await client.query('SELECT pg_stat_clear_snapshot()');
    const { rows } = await client.query<{ name: string; connections: number }>(WAITING, [events]);
    return new Map(rows.map(({ name, connections }) => [name, connections]));
  };
  try {
    await client.query(`BEGIN; ${statement}`);
    const result = await act({
      waiting,
      async untilWaiting({ processes, connections = processes }) {
        const end = performance.now() + PATIENCE_MS;
        for (;;) {
          const isLast = performance.now() > end;
          const found = await waiting();
          const total = [...found.values()].reduce((sum, each) => sum + each, 0);
          if (found.size >= processes && total >= connections) {
            return;
          }
          if (isLast) {
            throw new Error(`${connections} of ${processes} do not wait for the lock: ${JSON.stringify([...found])}`);
          }
          await setTimeout(10);
        }
      },
    });
    await client.query('COMMIT');
    return result;
  } finally {
    await client.end();
  }
}

/** The statement, and what is waited for by whoever meets the lock, as PostgreSQL names it. */
function howToLock(locked: Locked): [statement: string, events: string[]] {
  if ('rows' in locked) {
    return [locked.rows, OF_ROWS];
  }
  if ('advisory' in locked) {
    return [`SELECT pg_advisory_xact_lock(${locked.advisory})`, OF_NUMBERS];
  }
  return 'table' in locked
    ? [`LOCK TABLE ${locked.table} IN SHARE MODE`, OF_TABLES]
    : [`LOCK TABLE ${locked.tableOfFirst} IN SHARE MODE`, [...OF_TABLES, ...OF_ROWS]];
}
