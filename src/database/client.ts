import { PrismaPg } from '@prisma/adapter-pg';
import { Pool, type PoolClient, type QueryResultRow } from 'pg';
import { PrismaClient } from './generated/client.ts';
import { openPipeline } from './pipeline.ts';

/** One pool of connections, and the two ways to it: Prisma for the writes, prepared SQL for what is hot. */
export interface Database {
  readonly prisma: PrismaClient;
  /**
   * Runs one SQL statement outside any transaction.
   *
   * @param text SQL with $1, $2 … for the values; values never stand in it, so that few texts serve all requests
   * @param options `prepare: false` for one of the many texts that clients can put together
   */
  query<Row extends QueryResultRow>(
    text: string,
    values: readonly unknown[],
    options?: { readonly prepare?: boolean },
  ): Promise<Row[]>;
  /**
   * Runs one SQL statement that reads a row by its key, in a pipeline beside the pool. Whatever takes longer has no place there: all
   * that come after it wait for it.
   */
  lookUp<Row extends QueryResultRow>(text: string, values: readonly unknown[]): Promise<Row[]>;
  close(): Promise<void>;
}

export interface DatabaseOptions {
  /** postgresql://… */
  readonly url: string;
  readonly poolSize: number;
  /** The bound of one query, and of the wait for a connection, in milliseconds. */
  readonly timeoutMs: number;
  /** False behind a pooler in transaction mode, where a prepared statement may meet a connection that never saw it. */
  readonly preparedStatements: boolean;
  readonly log: { warn(fields: object, message: string): void };
}

/** Each connection keeps every prepared statement, and clients choose filters and orders: without a bound they would fill its memory. */
const MAX_PREPARED_STATEMENTS = 100;

/** Opens the database. No connection is made before the first query. */
export function openDatabase(options: DatabaseOptions): Database {
  const connection = {
    connectionString: options.url,
    connectionTimeoutMillis: options.timeoutMs,
    query_timeout: options.timeoutMs,
    // A pooler, which hands connections round, refuses settings of a connection.
    ...(options.preparedStatements ? sessionSettings(options.timeoutMs) : {}),
    keepAlive: true,
    application_name: 'certkeep',
  };
  const pool = new Pool({ ...connection, max: options.poolSize });
  // An idle connection that breaks is replaced at the next query; without a listener it would end the process.
  pool.on('error', (error) => options.log.warn({ err: error }, 'an idle database connection broke'));
  pool.on('release', endUnlessIdle);

  const prisma = new PrismaClient({
    adapter: new PrismaPg(pool, { disposeExternalPool: false }),
    transactionOptions: { maxWait: options.timeoutMs, timeout: options.timeoutMs },
    errorFormat: 'minimal',
  });

  const nameOf = options.preparedStatements ? statementNames() : () => undefined;

  const pipeline = openPipeline(connection, options.log);

  async function query<Row extends QueryResultRow>(text: string, values: readonly unknown[], { prepare = true } = {}) {
    const name = prepare ? nameOf(text) : undefined;
    const statement = name === undefined ? { text } : { name, text };
    const result = await pool.query<Row>({ ...statement, values: [...values] });
    return result.rows;
  }

  return {
    prisma,
    query,
    async lookUp<Row extends QueryResultRow>(text: string, values: readonly unknown[]) {
      const name = nameOf(text);
      return name === undefined ? query<Row>(text, values) : pipeline.query<Row>(name, text, values);
    },
    async close() {
      await prisma.$disconnect();
      await Promise.all([pool.end(), pipeline.close()]);
    },
  };
}

/**
 * A transaction whose ROLLBACK or COMMIT got no answer in time is handed back all the same, still open. Whoever came next would write into
 * it, be told that all is well, and lose it. The pool drops a connection that is ending.
 */
function endUnlessIdle(error: Error | undefined, client: PoolClient): void {
  // 'I': outside a transaction. The pool itself drops what comes back with an error.
  if (!error && client.getTransactionStatus() !== 'I') {
    client.end().catch(() => {});
  }
}

function sessionSettings(timeoutMs: number) {
  return {
    // Without these the server goes on with what we no longer wait for.
    statement_timeout: timeoutMs,
    lock_timeout: timeoutMs,
    idle_in_transaction_session_timeout: 2 * timeoutMs,
    // A page's limit and offset look so different to the planner that it would plan every list anew, which takes a third of its time. No
    // statement of ours wants another plan for other values.
    options: '-c plan_cache_mode=force_generic_plan',
  };
}

/** Names the statements that come first, which are the common ones; the rest run unprepared. */
function statementNames(): (text: string) => string | undefined {
  const names = new Map<string, string>();
  return (text) => {
    const known = names.get(text);
    if (known !== undefined || names.size >= MAX_PREPARED_STATEMENTS) {
      return known;
    }
    const name = `certkeep_${names.size}`;
    names.set(text, name);
    return name;
  };
}
