import { pipeline } from 'node:stream/promises';
import { migrationNames } from '../../database/index.ts';
import { type ContentVisitor, readContent } from './content-reading.ts';
import { BackupError } from './errors.ts';
import { writeNewFile } from './new-file.ts';
import type { Header } from './records.ts';
import { isWritten, type KeyFile, settleKeys } from './restore-keys.ts';
import { beginRestoration, type Restoration, requireEmptyStore } from './restore-repository.ts';
import type { RestoreTarget } from './restore-target.ts';
import { consumeSealedFile, type FileKey, openFileKey } from './sealed-reading.ts';
import type { Table } from './tables.ts';

export interface RestoreRequest {
  readonly path: string;
  readonly passphrase: string | undefined;
  readonly target: RestoreTarget;
  /** Verifies the file, and that its keys are at hand, and no more. */
  readonly checksOnly: boolean;
  /** Told when the file is found to be whole, before anything is written. */
  onVerified(backup: VerifiedBackup): void | Promise<void>;
  /** Told of each table that is filled. */
  onTable(table: Table, rows: number): void;
}

export interface VerifiedBackup {
  readonly createdAt: string;
  /** The version of Certkeep that made it. */
  readonly certkeep: string;
  readonly rows: number;
}

export interface RestoreReport {
  readonly rows: number;
  /** Files that were made, with keys that the server needs. */
  readonly keyFiles: readonly string[];
}

/**
 * Restores a backup into an empty store: reads the whole file once, and writes nothing unless it is whole and its keys are at hand; then in
 * one transaction.
 *
 * @throws {BackupError} see its codes
 * @throws {StoreUnavailable}
 * @throws {MigrationError} and {EmbeddedPostgresError} as a start does
 */
export async function restore(request: RestoreRequest): Promise<RestoreReport> {
  const { path, passphrase, target, checksOnly, onVerified } = request;
  const fileKey = await openFileKey(path, { keks: target.keys.keks ?? [], passphrase });
  const verified = await verify(path, fileKey, target);
  await onVerified(verified.backup);
  const report = { rows: verified.backup.rows, keyFiles: verified.keyFiles.map((file) => file.path) };
  if (checksOnly) {
    return report;
  }
  const store = await target.open();
  try {
    // Before the schema is written too.
    await requireEmptyStore(store.url);
    await store.migrate();
    const restoration = await beginRestoration(store.url);
    try {
      await fill(request, fileKey, restoration);
      // Who is killed behind this finds an empty store and keys that fit; before, neither.
      await writeKeys(verified.keyFiles);
      await restoration.commit();
    } finally {
      await restoration.close();
    }
  } finally {
    await store.close();
  }
  return report;
}

interface Verified {
  readonly backup: VerifiedBackup;
  readonly keyFiles: readonly KeyFile[];
}

async function verify(path: string, fileKey: FileKey, { keys: places }: RestoreTarget): Promise<Verified> {
  let header: Header | undefined;
  let keyFiles: readonly KeyFile[] = [];
  const visitor: ContentVisitor = {
    async begin(found, held) {
      header = found;
      await requireKnown(found);
      keyFiles = await settleKeys(found, held, places);
    },
    async table(_table, rows) {
      for await (const _piece of rows) {
        // Read for its digest.
      }
    },
  };
  const counts = await consumeSealedFile(path, fileKey, (plain) => readContent(plain, visitor));
  const rows = [...counts.values()].reduce((sum, count) => sum + count, 0);
  const { createdAt = '', certkeep = '' } = header ?? {};
  return { backup: { createdAt, certkeep, rows }, keyFiles };
}

/** @throws {BackupError} BACKUP_NEWER */
async function requireKnown({ migrations }: Header): Promise<void> {
  const known = await migrationNames();
  const unknown = migrations.filter((name) => !known.includes(name));
  if (unknown.length > 0) {
    throw new BackupError('BACKUP_NEWER', unknown.join(', '));
  }
}

async function fill({ path, onTable }: RestoreRequest, fileKey: FileKey, restoration: Restoration): Promise<void> {
  const taken = new Map<Table, number>();
  let lastNumber: string | null = null;
  const visitor: ContentVisitor = {
    async begin({ principalNumber }) {
      lastNumber = principalNumber;
    },
    async table(header, rows) {
      const count = await restoration.fill(header, rows);
      taken.set(header.table, count);
      onTable(header.table, count);
    },
  };
  const counts = await consumeSealedFile(path, fileKey, (plain) => readContent(plain, visitor));
  if ([...counts].some(([table, count]) => taken.get(table) !== count)) {
    throw new BackupError('BACKUP_DAMAGED');
  }
  // In no transaction, so at the end.
  await restoration.continueNumbers(lastNumber);
}

async function writeKeys(files: readonly KeyFile[]): Promise<void> {
  for (const keys of files) {
    if (!(await isWritten(keys))) {
      await writeNewFile(keys.path, (file) => pipeline([keys.text], file), { replaces: false });
    }
  }
}
