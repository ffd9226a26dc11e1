import { createHash, type Hash } from 'node:crypto';
import type { z } from 'zod';
import { type ByteLines, byteLines, countLines } from './byte-lines.ts';
import { BackupError } from './errors.ts';
import {
  endRecord,
  formatRecord,
  type Header,
  type HeldKeys,
  headerRecord,
  keysRecord,
  type TableHeader,
  tableRecord,
  VERSION,
} from './records.ts';
import { TABLES, type Table } from './tables.ts';

/** Told what a backup holds, in its order, before it is known to be whole. */
export interface ContentVisitor {
  begin(header: Header, keys: HeldKeys): Promise<void>;
  /** @param rows all of them are taken before this resolves */
  table(table: TableHeader, rows: AsyncIterable<Buffer>): Promise<void>;
}

/**
 * Reads what stands in a backup, to its end.
 *
 * @param plain opened and decompressed
 * @returns how many rows each table has, once they, the digest and the end are found to be right
 * @throws {BackupError} NOT_A_BACKUP, BACKUP_NEWER, BACKUP_DAMAGED, or whatever the visitor throws
 */
export async function readContent(
  plain: AsyncIterable<Uint8Array>,
  visitor: ContentVisitor,
): Promise<Map<Table, number>> {
  const lines = byteLines(plain);
  const digest = createHash('sha256');
  const first = await nextRecord(lines);
  await visitor.begin(
    headerOf(hashed(digest, first)),
    parsed(keysRecord, hashed(digest, await nextRecord(lines))).keys,
  );
  const counts = new Map<Table, number>();
  for (;;) {
    const record = await nextRecord(lines);
    if (!('table' in record.json)) {
      requireEnd(parsed(endRecord, record.json), counts, digest.digest('hex'));
      break;
    }
    const header = parsed(tableRecord, hashed(digest, record));
    requireOrder(header, counts);
    const counted = countingRows(lines.rows(), digest);
    await visitor.table(header, counted.rows);
    counts.set(header.table, counted.count());
    digest.update('\\.\n');
  }
  if ((await lines.line()) !== undefined) {
    throw new BackupError('BACKUP_DAMAGED');
  }
  return counts;
}

interface JsonLine {
  readonly json: object;
  readonly text: Buffer;
}

async function nextRecord(lines: ByteLines): Promise<JsonLine> {
  const text = await lines.line();
  const json = text === undefined ? undefined : jsonOf(text);
  if (text === undefined || typeof json !== 'object' || json === null) {
    throw new BackupError('BACKUP_DAMAGED');
  }
  return { json, text };
}

function jsonOf(text: Buffer): unknown {
  try {
    return JSON.parse(text.toString('utf8'));
  } catch {
    return undefined;
  }
}

function hashed(digest: Hash, { json, text }: JsonLine): object {
  digest.update(text).update('\n');
  return json;
}

function headerOf(json: object): Header {
  const format = formatRecord.safeParse(json);
  if (!format.success) {
    throw new BackupError('NOT_A_BACKUP');
  }
  if (format.data.version > VERSION) {
    throw new BackupError('BACKUP_NEWER');
  }
  return parsed(headerRecord, json);
}

function parsed<Schema extends z.ZodType>(schema: Schema, json: object): z.infer<Schema> {
  const { success, data } = schema.safeParse(json);
  if (!success) {
    throw new BackupError('BACKUP_DAMAGED');
  }
  return data;
}

/** Each table once, after those that it refers to. */
function requireOrder({ table }: TableHeader, before: ReadonlyMap<Table, number>): void {
  const position = TABLES.indexOf(table);
  if ([...before.keys()].some((name) => TABLES.indexOf(name) >= position)) {
    throw new BackupError('BACKUP_DAMAGED');
  }
}

function countingRows(pieces: AsyncIterable<Buffer>, digest: Hash) {
  let count = 0;
  async function* rows() {
    for await (const piece of pieces) {
      count += countLines(piece);
      digest.update(piece);
      yield piece;
    }
  }
  return { rows: rows(), count: () => count };
}

function requireEnd({ rows, sha256 }: z.infer<typeof endRecord>, counts: ReadonlyMap<Table, number>, digest: string) {
  const isWhole =
    Object.keys(rows).length === counts.size && [...counts].every(([name, count]) => rows[name] === count);
  if (!isWhole || sha256 !== digest) {
    throw new BackupError('BACKUP_DAMAGED');
  }
}
