/** Why a file is not taken over. Stable: reports and logs name it. */
export type RefusedFileCode =
  | 'UNREADABLE'
  | 'NOT_A_FILE'
  | 'TOO_LARGE'
  | 'TOO_MANY'
  | 'CHANGING'
  | 'NOT_TEXT'
  | 'NOT_PEM'
  | 'NAME_UNUSABLE'
  | 'NAME_SHARED'
  | 'KEY_ALONE';

export interface RefusedFile {
  /** Absolute. */
  readonly path: string;
  readonly code: RefusedFileCode;
  /** For people; nothing of the file's content is in it. */
  readonly reason: string;
}

/** The directory that was to be searched can't be listed; `cause` says why. */
export class DirectoryUnreadable extends Error {
  override readonly name = 'DirectoryUnreadable';
  readonly code = 'DIRECTORY_UNREADABLE';

  constructor(directory: string, cause: unknown) {
    super(`${directory} can not be listed: ${errorCodeOf(cause) ?? 'unknown'}`, { cause });
  }
}

/** What the operating system calls an error, such as `EACCES`; undefined where it is none of its errors. */
export function errorCodeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/** Whether a file was gone when it was looked at, or a link leads nowhere. */
export function isGone(error: unknown): boolean {
  const code = errorCodeOf(error);
  return code === 'ENOENT' || code === 'ENOTDIR';
}
