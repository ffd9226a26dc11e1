import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { errorCodeOf, isGone, type RefusedFileCode } from './refused-file.ts';

export type ReadText =
  | { readonly text: string }
  | { readonly code: RefusedFileCode; readonly reason: string }
  /** The file is gone. */
  | undefined;

/** Whoever writes a file in place is done by then, or is met again at the next look. */
const ATTEMPTS = 3;

/**
 * Reads a file that others may be writing, exactly as one of them left it: what changes while it is read is read again.
 *
 * @param maxBytes of a larger one nothing is read
 */
export async function readText(path: string, maxBytes: number): Promise<ReadText> {
  try {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const read = await readOnce(path, maxBytes);
      if (read !== 'changed') {
        return read;
      }
    }
    return { code: 'CHANGING', reason: 'it was changed while it was read' };
  } catch (error) {
    return isGone(error) ? undefined : { code: 'UNREADABLE', reason: errorCodeOf(error) ?? 'unknown' };
  }
}

async function readOnce(path: string, maxBytes: number): Promise<ReadText | 'changed'> {
  // A FIFO that took the file's place since somebody looked would keep whoever opens it waiting for its writer.
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const before = await file.stat({ bigint: true });
    if (!before.isFile()) {
      return { code: 'NOT_A_FILE', reason: 'it is no regular file' };
    }
    if (before.size > maxBytes) {
      return { code: 'TOO_LARGE', reason: `it has ${before.size} bytes, and ${maxBytes} are the most` };
    }
    const octets = await readWhole(file, Number(before.size));
    const after = await file.stat({ bigint: true });
    const isSame = after.size === before.size && after.mtimeNs === before.mtimeNs && after.ctimeNs === before.ctimeNs;
    return isSame && octets !== undefined ? decode(octets) : 'changed';
  } finally {
    await file.close();
  }
}

/** @returns undefined where the file has become shorter or longer */
async function readWhole(file: FileHandle, size: number): Promise<Buffer | undefined> {
  const octets = Buffer.alloc(size + 1);
  let length = 0;
  for (;;) {
    const { bytesRead } = await file.read(octets, length, octets.length - length);
    length += bytesRead;
    if (bytesRead === 0 || length > size) {
      return length === size ? octets.subarray(0, size) : undefined;
    }
  }
}

function decode(octets: Buffer): ReadText {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(octets);
    return text.includes('\0') ? { code: 'NOT_TEXT', reason: 'it holds U+0000' } : { text };
  } catch {
    return { code: 'NOT_TEXT', reason: 'it is not UTF-8' };
  }
}
