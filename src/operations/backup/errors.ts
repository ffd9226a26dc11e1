export type BackupErrorCode =
  | 'AUDIT_KEY_MISSING'
  | 'BACKUP_DAMAGED'
  | 'BACKUP_NEWER'
  | 'FILE_EXISTS'
  | 'FILE_UNREADABLE'
  | 'FILE_UNWRITABLE'
  | 'KEK_DESTINATION_MISSING'
  | 'KEK_MISSING'
  | 'NOT_A_BACKUP'
  | 'PASSPHRASE_NEEDED'
  | 'PASSPHRASE_UNFIT'
  | 'STORE_NEWER'
  | 'STORE_NOT_EMPTY'
  | 'WRONG_KEY'
  | 'WRONG_PASSPHRASE';

const TEXTS: Record<BackupErrorCode, string> = {
  AUDIT_KEY_MISSING: `The backup holds audit keys that are not at hand, and without them its audit trail can not be verified. Give
--audit-key-file naming a new file for them, or those keys in CERTKEEP_AUDIT_KEY.`,
  BACKUP_DAMAGED: 'The backup is damaged or cut off. Nothing of it was restored.',
  BACKUP_NEWER: 'The backup was made by a newer version of Certkeep. Restore it with that one.',
  FILE_EXISTS: 'The file exists already, and is left as it is.',
  FILE_UNREADABLE: 'A file that was named can not be read.',
  FILE_UNWRITABLE: 'A file that was named can not be made.',
  KEK_DESTINATION_MISSING: `The backup holds its key-encryption keys, and none is configured. Give --kek-file naming a new file for them, and
start the server with CERTKEEP_KEK_FILE naming that.`,
  KEK_MISSING: `The backup is sealed under a key-encryption key. Give that in CERTKEEP_KEK or CERTKEEP_KEK_FILE; for
an embedded store, its file "kek" in the data directory will do.`,
  NOT_A_BACKUP: 'The file is no backup of Certkeep.',
  PASSPHRASE_NEEDED: 'The backup is sealed under a passphrase. Give --passphrase-file naming a file that holds it.',
  PASSPHRASE_UNFIT: `The first line of the passphrase file must hold 16 characters or more: whoever gets at the backup may try passphrases for as long as they like.`,
  STORE_NEWER: 'A newer version of Certkeep has migrated the database further. Make the backup with that one.',
  STORE_NOT_EMPTY:
    'A backup is restored into an empty store alone, and this one holds something. Nothing was restored.',
  WRONG_KEY: 'The key-encryption keys that are configured do not open this backup, or what is sealed in it.',
  WRONG_PASSPHRASE: 'The passphrase is not that of this backup.',
};

/** A backup was not made or not restored; the message says why and what to do. */
export class BackupError extends Error {
  override readonly name = 'BackupError';
  readonly code: BackupErrorCode;

  /**
   * @param subject what it is about: a file, tables, the id of a KEK
   * @param cause what found it
   */
  constructor(code: BackupErrorCode, subject?: string, cause?: unknown) {
    super(subject === undefined ? TEXTS[code] : `${TEXTS[code]}\n\n  ${subject}`, { cause });
    this.code = code;
  }
}
