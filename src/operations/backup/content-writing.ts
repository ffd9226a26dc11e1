import { createHash } from 'node:crypto';
import { countLines } from './byte-lines.ts';
import type { Header, HeldKeys, RowCounts } from './records.ts';
import { TABLES, type Table } from './tables.ts';

/** Where the rows come from: one snapshot of a store. */
export interface RowSource {
  /** The names of a table's columns, without those that the database computes. */
  columns(table: Table): Promise<string[]>;
  /** The rows in COPY's text format, each ended by a line feed, in pieces of any size. */
  rows(table: Table, columns: readonly string[]): AsyncIterable<Buffer>;
}

/**
 * What stands in a backup, before it is compressed and sealed: docs/decisions/0026-backup-format.md.
 *
 * @param onTable told of each table that is done
 */
export async function* contentOf(
  header: Header,
  keys: HeldKeys,
  source: RowSource,
  onTable: (table: Table, rows: number) => void,
): AsyncGenerator<Buffer> {
  const digest = createHash('sha256');
  const hashed = (piece: Buffer) => {
    digest.update(piece);
    return piece;
  };
  const counts: RowCounts = {};
  yield hashed(
    line({ ...header, keks: header.keks.map(({ canary, ...kek }) => ({ ...kek, canary: canary.toString('base64') })) }),
  );
  yield hashed(line({ keys: { keks: keys.keks.map(inBase64), auditKeys: keys.auditKeys.map(inBase64) } }));
  for (const table of TABLES) {
    const columns = await source.columns(table);
    yield hashed(line({ table, columns }));
    let rows = 0;
    for await (const piece of source.rows(table, columns)) {
      rows += countLines(piece);
      yield hashed(piece);
    }
    yield hashed(Buffer.from('\\.\n'));
    counts[table] = rows;
    onTable(table, rows);
  }
  yield line({ rows: counts, sha256: digest.digest('hex') });
}

function line(record: object): Buffer {
  return Buffer.from(`${JSON.stringify(record)}\n`);
}

function inBase64(key: Buffer): string {
  return key.toString('base64');
}
