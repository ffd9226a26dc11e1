import type { ProblemCode } from '../../keypairs/index.ts';
import type { RefusedFileCode } from '../discovery/refused-file.ts';

/** Why a pair was not taken in or not given out. Stable: reports name it, and people read the reason beside it. */
export type RefusalCode =
  | ProblemCode
  | RefusedFileCode
  | 'FILES_MISSING'
  | 'FOLDER_EXISTS'
  | 'HOLDS_PRIVATE_KEY'
  | 'MANAGED'
  | 'MANIFEST_MALFORMED'
  | 'NAME_REPEATED'
  | 'NOT_A_PKCS12'
  | 'NOT_FOUND'
  | 'NO_CERTIFICATE'
  | 'NO_PKCS12_FORM'
  | 'REALM_RULE'
  | 'SEAL_BROKEN'
  | 'SEVERAL_KEYS'
  | 'WRONG_PASSPHRASE';

/** One pair, or one file, is refused; the others are not touched by that. */
export class TransferRefused extends Error {
  override readonly name = 'TransferRefused';
  readonly code: RefusalCode;

  /** @param reason for people; nothing secret is in it */
  constructor(code: RefusalCode, reason: string, cause?: unknown) {
    super(reason, { cause });
    this.code = code;
  }
}

export type TransferFailureCode = 'DIRECTORY_IN_USE' | 'DIRECTORY_UNUSABLE' | 'MANIFEST_UNUSABLE' | 'UNWRITABLE';

/** The whole of an import or an export can't go on. What it did before stays. */
export class TransferFailed extends Error {
  override readonly name = 'TransferFailed';
  readonly code: TransferFailureCode;

  constructor(code: TransferFailureCode, reason: string, cause?: unknown) {
    super(reason, { cause });
    this.code = code;
  }
}
