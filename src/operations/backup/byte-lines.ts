import { BackupError } from './errors.ts';

const NEWLINE = 0x0a;
/** What ends the rows of a table, as pg_dump ends them, with the end of the line before it. */
const ROWS_END = Buffer.from('\n\\.\n');
/** Much more than any line of JSON in a backup takes. */
const MAX_LINE_BYTES = 1024 * 1024;

/** What is read from a stream: now a line, now the rows of a table. */
export interface ByteLines {
  /**
   * The next line, without its end; undefined where nothing is left.
   *
   * @throws {BackupError} BACKUP_DAMAGED where it is too long, or the stream ends in it
   */
  line(): Promise<Buffer | undefined>;
  /**
   * All up to the line `\.`, in pieces of any size, and that line itself away. COPY escapes a backslash at the front of a row, so that no row
   * reads like it.
   *
   * @throws {BackupError} BACKUP_DAMAGED where the stream ends before
   */
  rows(): AsyncGenerator<Buffer>;
}

/** @param source bytes in pieces of any size */
export function byteLines(source: AsyncIterable<Uint8Array>): ByteLines {
  const pieces = source[Symbol.asyncIterator]();
  let buffered: Buffer = Buffer.alloc(0);

  /** The next piece behind what was read before and is kept; undefined at the end. */
  async function more(kept: Buffer): Promise<Buffer | undefined> {
    const { done, value } = await pieces.next();
    return done === true ? undefined : Buffer.concat([kept, value]);
  }

  async function line(): Promise<Buffer | undefined> {
    for (let end = buffered.indexOf(NEWLINE); ; end = buffered.indexOf(NEWLINE)) {
      if (end >= 0) {
        const found = buffered.subarray(0, end);
        buffered = buffered.subarray(end + 1);
        return found;
      }
      const longer = buffered.length > MAX_LINE_BYTES ? undefined : await more(buffered);
      if (longer === undefined && buffered.length > 0) {
        throw new BackupError('BACKUP_DAMAGED');
      }
      if (longer === undefined) {
        return undefined;
      }
      buffered = longer;
    }
  }

  async function* rows(): AsyncGenerator<Buffer> {
    // The line before the first row has an end too, which is not given out.
    let data: Buffer = Buffer.concat([ROWS_END.subarray(0, 1), buffered]);
    let skipped = 1;
    for (let end = data.indexOf(ROWS_END); ; end = data.indexOf(ROWS_END)) {
      const ready = end >= 0 ? end + 1 : data.length - heldBack(data);
      if (ready > skipped) {
        yield data.subarray(skipped, ready);
      }
      skipped = Math.max(0, skipped - ready);
      if (end >= 0) {
        buffered = data.subarray(end + ROWS_END.length);
        return;
      }
      const longer = await more(data.subarray(ready));
      if (longer === undefined) {
        throw new BackupError('BACKUP_DAMAGED');
      }
      data = longer;
    }
  }

  return { line, rows };
}

/** How many bytes at the end may be the begin of the end. */
function heldBack(data: Buffer): number {
  for (let length = Math.min(ROWS_END.length - 1, data.length); length > 0; length--) {
    if (data.subarray(-length).equals(ROWS_END.subarray(0, length))) {
      return length;
    }
  }
  return 0;
}

/** How many lines end in a piece. */
export function countLines(piece: Uint8Array): number {
  let count = 0;
  for (let at = piece.indexOf(NEWLINE); at >= 0; at = piece.indexOf(NEWLINE, at + 1)) {
    count++;
  }
  return count;
}
