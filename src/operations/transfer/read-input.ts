import { createReadStream } from 'node:fs';
import { errorCodeOf } from '../discovery/refused-file.ts';
import { TransferRefused } from './refusal.ts';

export interface ReadOptions {
  /** Of a larger file no more than one byte beyond is read. */
  readonly maxBytes: number;
}

/** What stands for standard input where a file is named. */
export const STANDARD_INPUT = '-';

/**
 * Reads a file that somebody named: also a pipe, which has no size before it was read.
 *
 * @param path or {@link STANDARD_INPUT}
 * @throws {TransferRefused} UNREADABLE, TOO_LARGE
 */
export async function readInput(path: string, { maxBytes }: ReadOptions): Promise<Buffer> {
  const stream = path === STANDARD_INPUT ? process.stdin : createReadStream(path, { end: maxBytes });
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of stream) {
      const octets = Buffer.from(chunk as Buffer);
      chunks.push(octets);
      length += octets.length;
      if (length > maxBytes) {
        throw new TransferRefused('TOO_LARGE', `it has more than ${maxBytes} bytes`);
      }
    }
  } catch (error) {
    throw errorCodeOf(error) === 'TOO_LARGE' ? error : unreadable(error);
  }
  return Buffer.concat(chunks);
}

/**
 * As {@link readInput}, of a text, of which every byte counts.
 *
 * @throws {TransferRefused} also NOT_TEXT
 */
export async function readTextInput(path: string, options: ReadOptions): Promise<string> {
  const octets = await readInput(path, options);
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(octets);
  } catch (error) {
    throw new TransferRefused('NOT_TEXT', 'it is not UTF-8', error);
  }
}

function unreadable(error: unknown): unknown {
  const code = errorCodeOf(error);
  return code === undefined ? error : new TransferRefused('UNREADABLE', `it can not be read: ${code}`, error);
}
