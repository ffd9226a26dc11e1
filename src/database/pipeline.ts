import type { Writable } from 'node:stream';
import { Client, type ClientBase, type ClientConfig, type QueryResultRow } from 'pg';

/** One connection on which statements follow each other, none waiting for the answer to the one before. */
export interface Pipeline {
  /**
   * Runs a statement, prepared. Whoever comes after it waits for it: it must be one that takes no time, whatever its values.
   *
   * @param text one of a few; the connection keeps each
   */
  query<Row extends QueryResultRow>(text: string, values: readonly unknown[]): Promise<Row[]>;
  close(): Promise<void>;
}

export interface PipelineOptions {
  readonly connection: ClientConfig;
  /** Prepares a connection that was just made. */
  begin(client: ClientBase): Promise<void>;
  /** How long a connection is kept that nobody uses, in milliseconds. */
  readonly idleMs: number;
  readonly log: { warn(fields: object, message: string): void };
}

/**
 * Prepares a pipeline; no connection is made before the first query.
 *
 * Sixteen reads at once cost two thirds of what they cost on sixteen connections: nobody hands connections round, and neither this
 * process nor PostgreSQL's is woken up for each (docs/decisions/0010-prisma-kept-thin.md).
 */
export function openPipeline({ connection, begin, idleMs, log }: PipelineOptions): Pipeline {
  const names = new Map<string, string>();
  let current: Link | undefined;
  const idle = setTimeout(() => current && leave(current), idleMs).unref();

  function connect(): Link {
    const client = new Client({ ...connection, pipeline: true });
    const link = { client, ready: client.connect().then(() => begin(client)) };
    // Without a listener an error would end the process; the queries in flight are told of it by themselves.
    client.on('error', (error) => {
      leave(link);
      log.warn({ err: error }, 'the database connection that looks rows up broke');
    });
    link.ready.catch(() => leave(link));
    return link;
  }

  /** The next query gets another connection; those that are on their way on this one are answered still, unless it is broken. */
  function leave(link: Link): void {
    if (current === link) {
      current = undefined;
      link.client.end().catch(() => {});
    }
  }

  function nameOf(text: string): string {
    const name = names.get(text) ?? `certkeep_look_up_${names.size}`;
    names.set(text, name);
    return name;
  }

  return {
    async query<Row extends QueryResultRow>(text: string, values: readonly unknown[]) {
      current ??= connect();
      const link = current;
      idle.refresh();
      await link.ready;
      sendTogether(link.client.connection.stream);
      try {
        return (await link.client.query<Row>({ name: nameOf(text), text, values: [...values] })).rows;
      } catch (error) {
        // As the pool does it: what failed once may have left a connection that fails again.
        leave(link);
        throw error;
      }
    },

    async close() {
      clearTimeout(idle);
      const closing = current;
      current = undefined;
      await closing?.ready.then(() => closing.client.end()).catch(() => {});
    },
  };
}

interface Link {
  readonly client: Client;
  readonly ready: Promise<void>;
}

const corked = new WeakSet<Writable>();

/** Holds back what is written until all that came in together was read, so that it goes out as one packet. */
function sendTogether(stream: Writable): void {
  if (corked.has(stream)) {
    return;
  }
  corked.add(stream);
  stream.cork();
  setImmediate(() => {
    corked.delete(stream);
    stream.uncork();
  });
}
