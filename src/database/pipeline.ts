import type { Writable } from 'node:stream';
import { Client, type ClientConfig, type QueryResultRow } from 'pg';

/** One connection on which statements follow each other, none waiting for the answer to the one before. */
export interface Pipeline {
  /**
   * Runs a prepared statement. Whoever comes after it waits for it: it must be one that takes no time, whatever its values.
   *
   * @param name of the statement, the same for the same text
   */
  query<Row extends QueryResultRow>(name: string, text: string, values: readonly unknown[]): Promise<Row[]>;
  close(): Promise<void>;
}

/**
 * Prepares a pipeline; no connection is made before the first query.
 *
 * Sixteen reads at once cost two thirds of what they cost on sixteen connections: nobody hands connections round, and neither this
 * process nor PostgreSQL's is woken up for each (docs/decisions/0010-prisma-kept-thin.md).
 */
export function openPipeline(config: ClientConfig, log: { warn(fields: object, message: string): void }): Pipeline {
  let current: Promise<Client> | undefined;

  function connect(): Promise<Client> {
    const client = new Client({ ...config, pipeline: true });
    const connecting = client.connect();
    const connection = connecting.then(() => client);
    // Without a listener an error would end the process; the queries in flight are told of it by themselves.
    client.on('error', (error) => {
      forget(connection);
      log.warn({ err: error }, 'the database connection that looks rows up broke');
    });
    client.once('end', () => forget(connection));
    connecting.catch(() => forget(connection));
    return connection;
  }

  /**
   * The next query gets another connection.
   *
   * @returns whether it would have had this one
   */
  function forget(connection: Promise<Client>): boolean {
    const isCurrent = current === connection;
    if (isCurrent) {
      current = undefined;
    }
    return isCurrent;
  }

  return {
    async query<Row extends QueryResultRow>(name: string, text: string, values: readonly unknown[]) {
      current ??= connect();
      const connection = current;
      const client = await connection;
      sendTogether(client.connection.stream);
      try {
        return (await client.query<Row>({ name, text, values: [...values] })).rows;
      } catch (error) {
        // As the pool does it: what failed once may have left a connection that fails again. What is in flight on it is answered still.
        if (forget(connection)) {
          client.end().catch(() => {});
        }
        throw error;
      }
    },

    async close() {
      const closing = current;
      current = undefined;
      await closing?.then((client) => client.end()).catch(() => {});
    },
  };
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
