export type EmbeddedPostgresErrorCode =
  | 'PLATFORM_NOT_SUPPORTED'
  | 'NO_UNPRIVILEGED_USER'
  | 'DATA_DIRECTORY_NOT_USABLE'
  | 'DATA_DIRECTORY_IN_USE'
  | 'WRONG_MAJOR_VERSION'
  | 'POSTGRES_FAILED_TO_START';

/** Why the embedded PostgreSQL does not run. Each message says what the operator can do. */
export abstract class EmbeddedPostgresError extends Error {
  abstract readonly code: EmbeddedPostgresErrorCode;
}

/** There are no PostgreSQL binaries for this machine, or they don't run on it. */
export class PlatformNotSupported extends EmbeddedPostgresError {
  override readonly name = 'PlatformNotSupported';
  readonly code = 'PLATFORM_NOT_SUPPORTED';

  constructor(platform: string, reason: string, cause?: unknown) {
    super(
      `the embedded PostgreSQL is not available on ${platform}: ${reason}. ` +
        'Set DATABASE_URL to a PostgreSQL 14 to 18 instead.',
      { cause },
    );
  }
}

/** We are root, PostgreSQL refuses to run as root, and there is nobody else to run it as. */
export class NoUnprivilegedUser extends EmbeddedPostgresError {
  override readonly name = 'NoUnprivilegedUser';
  readonly code = 'NO_UNPRIVILEGED_USER';

  constructor(reason: string, cause?: unknown) {
    super(
      `PostgreSQL does not run as root, and no other user is at hand: ${reason}. ` +
        'Run Certkeep as an ordinary user, or set DATABASE_URL.',
      { cause },
    );
  }
}

/** A directory can't be made, entered or read, or holds something else than our database. */
export class DataDirectoryNotUsable extends EmbeddedPostgresError {
  override readonly name = 'DataDirectoryNotUsable';
  readonly code = 'DATA_DIRECTORY_NOT_USABLE';
  readonly directory: string;

  constructor(directory: string, reason: string, cause?: unknown) {
    super(`the embedded PostgreSQL can't use ${directory}: ${reason}`, { cause });
    this.directory = directory;
  }
}

/** A server that is not ours to end runs on this directory. */
export class DataDirectoryInUse extends EmbeddedPostgresError {
  override readonly name = 'DataDirectoryInUse';
  readonly code = 'DATA_DIRECTORY_IN_USE';
  readonly directory: string;

  constructor(directory: string, server: string) {
    super(
      `another server uses the data directory ${directory} (${server}). ` +
        'Stop that one first, or give this one a directory of its own.',
    );
    this.directory = directory;
  }
}

/** The data were written by another major version of PostgreSQL, which ours can't read. */
export class WrongMajorVersion extends EmbeddedPostgresError {
  override readonly name = 'WrongMajorVersion';
  readonly code = 'WRONG_MAJOR_VERSION';
  readonly directory: string;

  constructor(directory: string, found: string, ours: string) {
    super(
      [
        `${directory} holds data of PostgreSQL ${found}; this Certkeep brings PostgreSQL ${ours}. To carry them over:`,
        `  1. With the programs of PostgreSQL ${found}, as the owner of that directory:`,
        `     pg_ctl -D '${directory}' -w -o "-c listen_addresses='' -k /tmp" start`,
        '     pg_dump -h /tmp -U postgres -Fc -f certkeep.dump certkeep',
        `     pg_ctl -D '${directory}' -w stop`,
        `  2. mv '${directory}' '${directory}.${found}', and start Certkeep, which makes a new directory.`,
        `  3. With the programs of PostgreSQL ${ours}, while Certkeep runs and nobody uses it:`,
        `     pg_restore -h <directory of the socket> -U postgres -d certkeep --clean --if-exists certkeep.dump`,
        '  4. Start Certkeep again.',
      ].join('\n'),
    );
    this.directory = directory;
  }
}

/** PostgreSQL ended, or did not answer in time, while starting. */
export class PostgresFailedToStart extends EmbeddedPostgresError {
  override readonly name = 'PostgresFailedToStart';
  readonly code = 'POSTGRES_FAILED_TO_START';
  /** The last lines that PostgreSQL wrote. */
  readonly serverLog: readonly string[];

  constructor(reason: string, serverLog: readonly string[], cause?: unknown) {
    const tail = serverLog.length === 0 ? 'PostgreSQL wrote nothing.' : `PostgreSQL wrote:\n${serverLog.join('\n')}`;
    super(`the embedded PostgreSQL did not start: ${reason}. ${tail}`, { cause });
    this.serverLog = serverLog;
  }
}
