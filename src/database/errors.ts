import { DatabaseError } from 'pg';
/** The database can't be reached, refuses connections or did not answer in time. What was asked may be asked again. */
export class StoreUnavailable extends Error {
  override readonly name = 'StoreUnavailable';
  readonly code = 'STORE_UNAVAILABLE';
  /** Whether it was there, and did not answer a query in time. */
  readonly timedOut: boolean;

  constructor(cause: unknown) {
    super('the database is unavailable', { cause });
    this.timedOut = holdsAnywhere(cause, saysTimedOut);
  }
}

/** Node's codes for a connection that could not be made or broke. */
const CONNECTION_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ENOENT', // the Unix socket is gone
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
]);

/** Prisma's codes for the same, and for a pool or a transaction that found no connection in time. */
const PRISMA_CODES = new Set([
  'P1000',
  'P1001',
  'P1002',
  'P1008',
  'P1011',
  'P1017',
  'P2024',
  'P2028',
  'P2034',
  'P2037',
]);

/** The kinds by which Prisma's driver adapter names connection failures. */
const ADAPTER_KINDS = new Set([
  'DatabaseNotReachable',
  'ConnectionClosed',
  'SocketTimeout',
  'TooManyConnections',
  'TransactionWriteConflict',
]);

/**
 * SQLSTATE: class 08 connection exception, 40 rolled back for another's sake, 53 insufficient resources, 57P shutdown, 57014 cancelled,
 * 55P03 lock not available, 58 system error, 25006 read-only, 25P03 idle for too long; 26000 a statement whose preparation, sent just
 * before on the same connection, one of these kept from happening.
 */
const SQLSTATE = /^(08...|40...|53...|57P0.|57014|55P03|58...|25006|25P03|26000)$/;

/** pg gives these no code. */
const MESSAGES =
  /^(Connection terminated|timeout exceeded when trying to connect|timeout expired|Query read timeout|Client has encountered a connection error|Client was closed|Cannot use a pool after calling end)/;

/**
 * Tells a database that is away from a request that is wrong.
 *
 * @param error whatever pg, Prisma or Prisma's driver adapter threw; wrapped causes are followed
 */
export function isUnavailable(error: unknown): boolean {
  return holdsAnywhere(error, (current) => current instanceof StoreUnavailable || saysUnavailable(current));
}

/** Whether something holds of an error, or of one that it wraps. */
function holdsAnywhere(error: unknown, condition: (current: Record<string, unknown>) => boolean): boolean {
  for (let current = error, depth = 0; isRecord(current) && depth < 8; depth++) {
    if (condition(current)) {
      return true;
    }
    current = current['cause'] ?? driverError(current);
  }
  return false;
}

/**
 * Of the above, those of a query that was sent: PostgreSQL's statement_timeout and lock_timeout, pg's own clock, Prisma's of an operation
 * and of a transaction. Who found no connection was not there yet.
 */
const TIMEOUT_CODES = new Set(['57014', '55P03', 'P1008', 'P2028']);

function saysTimedOut(error: Record<string, unknown>): boolean {
  const { code, kind, message, originalCode } = error;
  return (
    [code, originalCode].some((known) => typeof known === 'string' && TIMEOUT_CODES.has(known)) ||
    kind === 'SocketTimeout' ||
    (typeof message === 'string' && message.startsWith('Query read timeout'))
  );
}

/** What kept a write from happening, where the database can tell: the name of the violated constraint. */
export function violatedConstraint(error: unknown): string | undefined {
  const cause = isRecord(error) ? (driverError(error) ?? error) : undefined;
  const inner = isRecord(cause) && isRecord(cause['cause']) ? cause['cause'] : cause;
  if (!isRecord(inner)) {
    return undefined;
  }
  const constraint = inner['constraint'];
  if (isRecord(constraint)) {
    return typeof constraint['index'] === 'string' ? constraint['index'] : undefined;
  }
  return typeof constraint === 'string' ? constraint : undefined;
}

/**
 * Wraps each function of a repository so that a database that is away reads as {@link StoreUnavailable}; other errors pass.
 *
 * @param repository functions that return promises
 */
export function withStoreErrors<T extends object>(repository: T): T {
  const wrapped: Record<string, unknown> = {};
  for (const [name, member] of Object.entries(repository)) {
    wrapped[name] = typeof member === 'function' ? translated(member as AsyncFunction) : member;
  }
  return wrapped as T;
}

type AsyncFunction = (...parameters: unknown[]) => Promise<unknown>;

function translated(call: AsyncFunction): AsyncFunction {
  return async (...parameters) => {
    try {
      return await call(...parameters);
    } catch (error) {
      if (error instanceof DatabaseError) {
        // PostgreSQL tells the values of a row that it refuses, which have no place in a log.
        error.detail = undefined;
      }
      throw isUnavailable(error) ? new StoreUnavailable(error) : error;
    }
  };
}

function saysUnavailable(error: Record<string, unknown>): boolean {
  const { code, kind, message } = error;
  if (typeof code === 'string' && (CONNECTION_CODES.has(code) || PRISMA_CODES.has(code) || SQLSTATE.test(code))) {
    return true;
  }
  const originalCode = error['originalCode'];
  if (typeof originalCode === 'string' && SQLSTATE.test(originalCode)) {
    return true;
  }
  return (
    (typeof kind === 'string' && ADAPTER_KINDS.has(kind)) || (typeof message === 'string' && MESSAGES.test(message))
  );
}

/** Prisma hides the driver's error in `meta`. */
function driverError(error: Record<string, unknown>): unknown {
  return isRecord(error['meta']) ? error['meta']['driverAdapterError'] : undefined;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
