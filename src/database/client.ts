import { PrismaPg } from '@prisma/adapter-pg';
import { type ClientBase, Pool, type PoolClient, type QueryResultRow } from 'pg';
import { PrismaClient } from './generated/client.ts';
import { openPipeline } from './pipeline.ts';

/** A pool of connections with two ways to it, Prisma for the writes and prepared SQL for what is hot, and a pipeline beside it. */
export interface Database {
  readonly prisma: PrismaClient;
  /**
   * Runs one SQL statement outside any transaction.
   *
   * @param text SQL with $1, $2 … for the values; values never stand in it, so that few texts serve all requests
   * @param options `prepare`: `always` (if not told otherwise) for one of a few texts; `while-few` for one of those that clients can put
   * together, of which only the first are; `never`
   */
  query<Row extends QueryResultRow>(
    text: string,
    values: readonly unknown[],
    options?: { readonly prepare?: Preparation },
  ): Promise<Row[]>;
  /**
   * Runs one SQL statement that reads a row by its key, in a pipeline beside the pool. Whatever takes longer has no place there: all
   * that come after it wait for it.
   *
   * @param text one of a few: each is prepared
   */
  lookUp<Row extends QueryResultRow>(text: string, values: readonly unknown[]): Promise<Row[]>;
  /** Of the pool as it is now. The connection of the pipeline is not among them. */
  connections(): ConnectionCounts;
  close(): Promise<void>;
}

export interface ConnectionCounts {
  readonly used: number;
  readonly idle: number;
  /** How many statements and transactions wait for a connection. */
  readonly pending: number;
  /** How many connections there may be. */
  readonly max: number;
}

export type Preparation = 'always' | 'while-few' | 'never';

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
const MAX_FEW = 100;

/**
 * A page's limit and offset look so different to the planner that it would plan every list anew, a third of a list's time. Where one plan
 * serves all values, a filter that matches hardly anything takes up to twice as long among 100,000 rows; all else does not mind.
 */
const PLAN_ONCE = 'SET plan_cache_mode = force_generic_plan';

/** As long as the pool keeps a connection that nobody uses: what stands longer between us and the database may have forgotten it. */
const IDLE_MS = 10_000;

/** Opens the database. No connection is made before the first query. */
export function openDatabase(options: DatabaseOptions): Database {
  const connection = {
    connectionString: options.url,
    connectionTimeoutMillis: options.timeoutMs,
    query_timeout: options.timeoutMs,
    // Without these the server goes on with what we no longer wait for. A pooler, which hands connections round, refuses them.
    ...(options.preparedStatements ? serverTimeouts(options.timeoutMs) : {}),
    keepAlive: true,
    application_name: 'certkeep',
  };
  const planOnce = async (client: ClientBase) => {
    await client.query(PLAN_ONCE);
  };
  const pool = new Pool({
    ...connection,
    max: options.poolSize,
    ...(options.preparedStatements ? { onConnect: planOnce } : {}),
  });
  // An idle connection that breaks is replaced at the next query; without a listener it would end the process.
  pool.on('error', (error) => options.log.warn({ err: error }, 'an idle database connection broke'));
  pool.on('release', endUnlessIdle);

  const prisma = new PrismaClient({
    adapter: new PrismaPg(pool, { disposeExternalPool: false }),
    transactionOptions: { maxWait: options.timeoutMs, timeout: options.timeoutMs },
    errorFormat: 'minimal',
  });

  const nameOf = options.preparedStatements ? statementNames() : () => undefined;
  const pipeline = options.preparedStatements
    ? openPipeline({ connection, begin: planOnce, idleMs: IDLE_MS, log: options.log })
    : undefined;

  async function query<Row extends QueryResultRow>(
    text: string,
    values: readonly unknown[],
    { prepare = 'always' }: { readonly prepare?: Preparation } = {},
  ) {
    const name = nameOf(text, prepare);
    const statement = name === undefined ? { text } : { name, text };
    const result = await pool.query<Row>({ ...statement, values: [...values] });
    return result.rows;
  }

  return {
    prisma,
    query,
    lookUp: pipeline?.query ?? query,
    connections: () => ({
      used: pool.totalCount - pool.idleCount,
      idle: pool.idleCount,
      pending: pool.waitingCount,
      max: options.poolSize,
    }),
    async close() {
      await prisma.$disconnect();
      await Promise.all([pool.end(), pipeline?.close()]);
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

function serverTimeouts(timeoutMs: number) {
  return { statement_timeout: timeoutMs, lock_timeout: timeoutMs, idle_in_transaction_session_timeout: 2 * timeoutMs };
}

/** Names statements, each text by a name of its own; of those that clients put together the first, the rest run unprepared. */
function statementNames(): (text: string, preparation: Preparation) => string | undefined {
  const names = new Map<string, string>();
  let few = 0;
  return (text, preparation) => {
    const known = names.get(text);
    if (known !== undefined || preparation === 'never' || (preparation === 'while-few' && few >= MAX_FEW)) {
      return known;
    }
    if (preparation === 'while-few') {
      few++;
    }
    const name = `certkeep_${names.size}`;
    names.set(text, name);
    return name;
  };
}
