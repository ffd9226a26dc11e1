import { BackupError } from '../../operations/index.ts';
import { TransferRefused } from '../../operations/transfer/index.ts';
import { passphraseIn } from './passphrase.ts';

/**
 * Reads the passphrase of a backup.
 *
 * @param path undefined where none was named
 * @throws {BackupError} FILE_UNREADABLE
 */
export async function backupPassphrase(path: string | undefined): Promise<string | undefined> {
  try {
    return path === undefined ? undefined : await passphraseIn(path);
  } catch (error) {
    throw error instanceof TransferRefused
      ? new BackupError('FILE_UNREADABLE', `${path}: ${error.message}`, error)
      : error;
  }
}
