import { readFile, stat } from 'node:fs/promises';
import { type AuditKeys, auditKeyOf, deriveAuditKeys } from '../../audit/index.ts';
import { missingKek, sealingFirst } from '../../sealing/index.ts';
import { BackupError } from './errors.ts';
import { requireFree } from './new-file.ts';
import type { Header, HeldKeys } from './records.ts';

type Keks = readonly [Uint8Array, ...Uint8Array[]];

/** The keys of the server that is to run on the restored store, and where it would find others. */
export interface KeyPlaces {
  readonly keks: Keks | undefined;
  /** Where KEKs of the backup are put if there are none; undefined where nobody said. */
  readonly kekFile: string | undefined;
  readonly auditKeys: AuditKeys | undefined;
  readonly auditKeyFile: string | undefined;
  /** Whether a server without audit keys makes them of its KEKs. */
  readonly derivesAuditKeys: boolean;
}

/** A file that is to hold keys. */
export interface KeyFile {
  readonly path: string;
  /** A key in base64 on each line. */
  readonly text: string;
}

/**
 * Finds whether a server will open what a backup holds, and which keys must be put where for that. Writes nothing.
 *
 * @throws {BackupError} WRONG_KEY, KEK_DESTINATION_MISSING, AUDIT_KEY_MISSING, FILE_EXISTS
 */
export async function settleKeys({ keks: rows }: Header, held: HeldKeys, places: KeyPlaces): Promise<KeyFile[]> {
  const [first, ...others] = places.keks ?? held.keks;
  const missing = missingKek(rows, first === undefined ? [] : [first, ...others]);
  if (first === undefined || missing !== undefined) {
    throw new BackupError('WRONG_KEY', missing);
  }
  const files: KeyFile[] = [];
  if (places.keks === undefined) {
    files.push(await keyFile(places.kekFile, held.keks, 'KEK_DESTINATION_MISSING'));
  }
  const derived = places.derivesAuditKeys ? deriveAuditKeys(sealingFirst(rows, [first, ...others])) : undefined;
  if (!holdsAll(places.auditKeys ?? derived, held.auditKeys)) {
    if (places.auditKeys !== undefined) {
      throw new BackupError('AUDIT_KEY_MISSING');
    }
    files.push(await keyFile(places.auditKeyFile, held.auditKeys, 'AUDIT_KEY_MISSING'));
  }
  return files;
}

function holdsAll(keys: AuditKeys | undefined, wanted: readonly Uint8Array[]): boolean {
  const ids = keys?.all.map(({ id }) => id) ?? [];
  return wanted.every((key) => ids.includes(auditKeyOf(key).id));
}

async function keyFile(
  path: string | undefined,
  keys: readonly Buffer[],
  code: 'KEK_DESTINATION_MISSING' | 'AUDIT_KEY_MISSING',
): Promise<KeyFile> {
  if (path === undefined) {
    throw new BackupError(code);
  }
  const file = { path, text: keys.map((key) => `${key.toString('base64')}\n`).join('') };
  if (!(await isWritten(file))) {
    await requireFree(path);
  }
  return file;
}

/** Whether a file holds just these keys, and for its owner alone: a restore that ended just before its commit has left it. */
export async function isWritten({ path, text }: KeyFile): Promise<boolean> {
  try {
    const stats = await stat(path);
    return stats.isFile() && (stats.mode & 0o077) === 0 && (await readFile(path, 'utf8')) === text;
  } catch {
    return false;
  }
}
