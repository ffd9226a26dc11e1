import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { ReadableStream } from 'node:stream/web';
import { createGunzip } from 'node:zlib';
import { Decrypter, type Identity, type Stanza } from 'age-encryption';
import { BackupError } from './errors.ts';
import { KEK_STANZA, kekIdentity } from './kek-stanza.ts';

/** What may open one. */
export interface Openers {
  readonly keks: readonly Uint8Array[];
  readonly passphrase: string | undefined;
}

/** The key of one file, which a KEK or a passphrase seals in its header. */
export type FileKey = Uint8Array;

/** An age file's header with one stanza is 200 bytes. */
const HEADER_BYTES = 64 * 1024;

/**
 * Opens a file's header, and with it authenticates that.
 *
 * @throws {BackupError} FILE_UNREADABLE, NOT_A_BACKUP, KEK_MISSING, WRONG_KEY, PASSPHRASE_NEEDED, WRONG_PASSPHRASE, BACKUP_DAMAGED
 */
export async function openFileKey(path: string, { keks, passphrase }: Openers): Promise<FileKey> {
  const head = await readHead(path);
  let refusal: BackupError | undefined;
  const decrypter = new Decrypter();
  decrypter.addIdentity({
    unwrapFileKey(stanzas: Stanza[]) {
      refusal = refusalOf(stanzas, keks, passphrase);
      return null;
    },
  });
  decrypter.addIdentity(kekIdentity(keks));
  if (passphrase !== undefined) {
    decrypter.addPassphrase(passphrase);
  }
  try {
    return await decrypter.decryptHeader(head);
  } catch (error) {
    if (refusal !== undefined && isUnmatched(error)) {
      throw refusal;
    }
    throw new BackupError(isAge(head) ? 'BACKUP_DAMAGED' : 'NOT_A_BACKUP', undefined, error);
  }
}

/** What is to be said where nothing opens a header with these stanzas. */
function refusalOf(
  stanzas: readonly Stanza[],
  keks: readonly Uint8Array[],
  passphrase: string | undefined,
): BackupError {
  const kekId = stanzas.find(({ args }) => args[0] === KEK_STANZA)?.args[1];
  if (kekId !== undefined) {
    return new BackupError(keks.length === 0 ? 'KEK_MISSING' : 'WRONG_KEY', `KEK ${kekId}`);
  }
  if (stanzas.some(({ args }) => args[0] === 'scrypt')) {
    return new BackupError(passphrase === undefined ? 'PASSPHRASE_NEEDED' : 'WRONG_PASSPHRASE');
  }
  return new BackupError('NOT_A_BACKUP');
}

/** The library's words; it has no codes. */
function isUnmatched(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith('no identity matched');
}

const MAGIC = 'age-encryption.org/v1\n';

function isAge(head: Buffer): boolean {
  return head.subarray(0, MAGIC.length).toString('latin1') === MAGIC;
}

async function openExisting(path: string) {
  try {
    return await open(path, 'r');
  } catch (error) {
    throw new BackupError('FILE_UNREADABLE', error instanceof Error ? error.message : path, error);
  }
}

async function readHead(path: string): Promise<Buffer> {
  const file = await openExisting(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(HEADER_BYTES), 0, HEADER_BYTES, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

/**
 * Hands out what a file holds, opened and decompressed. All of it is authenticated only when it has been handed out to its end.
 *
 * @param consume takes it all
 * @throws {BackupError} BACKUP_DAMAGED where a byte is not as it was written, or one is missing, or the file is another one than before
 */
export async function consumeSealedFile<T>(
  path: string,
  fileKey: FileKey,
  consume: (plain: AsyncIterable<Uint8Array>) => Promise<T>,
): Promise<T> {
  const knowing: Identity = { unwrapFileKey: () => fileKey };
  const decrypter = new Decrypter();
  decrypter.addIdentity(knowing);
  async function* opened(sealed: AsyncIterable<Uint8Array>) {
    try {
      yield* await decrypter.decrypt(ReadableStream.from(sealed));
    } catch (error) {
      throw isSystemError(error) ? error : new BackupError('BACKUP_DAMAGED', undefined, error);
    }
  }
  try {
    return await pipeline(createReadStream(path), opened, createGunzip(), consume);
  } catch (error) {
    throw isZlibError(error) ? new BackupError('BACKUP_DAMAGED', undefined, error) : error;
  }
}

function isSystemError(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error;
}

function isZlibError(error: unknown): boolean {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('Z_');
}
