import { appendFile } from 'node:fs/promises';
import type { Batch } from './batch.ts';
import type { StoredEvent } from './event.ts';

/** Tells a collector of sealed events. */
export interface EventLines {
  /**
   * Writes a batch's events, a line of JSON each, oldest first.
   *
   * @throws the file system's error
   */
  write(batch: Pick<Batch, 'number'>, events: readonly StoredEvent[]): Promise<void>;
}

/** Others than the server's group have no business with who did what. */
const MODE = 0o640;

/**
 * @param destination `stdout`, or the path of a file: opened for each batch, so that it can be moved away at any time
 */
export function eventLines(destination: string): EventLines {
  const append = destination === 'stdout' ? toStandardOutput : toFile(destination);
  return {
    async write(batch, events) {
      const inOrderOfTime = [...events].sort((one, other) => compare(one.createdAt, other.createdAt));
      await append(inOrderOfTime.map((event) => `${JSON.stringify(lineOf(batch, event))}\n`).join(''));
    },
  };
}

/** authentik's names (contract §4), and what else we know beside them. */
function lineOf({ number }: Pick<Batch, 'number'>, event: StoredEvent) {
  return {
    pk: event.id,
    user: event.username === null ? {} : { username: event.username, uuid: event.principalId },
    action: event.action,
    app: event.app,
    context: JSON.parse(event.context) as unknown,
    client_ip: event.clientAddress,
    created: event.createdAt,
    token: event.tokenId,
    request_id: event.requestId,
    batch: String(number),
    mac: Buffer.from(event.mac).toString('hex'),
  };
}

function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}

function toFile(path: string) {
  return (text: string) => appendFile(path, text, { mode: MODE });
}

function toStandardOutput(text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    process.stdout.write(text, (error) => (error ? reject(error) : resolve()));
  });
}
