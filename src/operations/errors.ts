export type StartRefusedCode =
  | 'DATABASE_ENCODING'
  | 'HOST_UNKNOWN'
  | 'KEK_LOST'
  | 'KEK_MISSING'
  | 'STORE_MISSING'
  | 'TOKEN_FILE_UNUSABLE'
  | 'TOKEN_MISSING'
  | 'TOKEN_TAKEN';

const TEXTS: Record<StartRefusedCode, string> = {
  DATABASE_ENCODING:
    'The database is not in UTF-8, and could not hold every name. Make one with: createdb --encoding UTF8',
  HOST_UNKNOWN:
    'CERTKEEP_HOST or CERTKEEP_METRICS_HOST is a name without an address. Give an address of this machine, or a name that has one.',
  KEK_LOST: `The key-encryption key is missing, and the database is sealed with it. Put the file back from a backup: without it every
private key in the database is lost.`,
  TOKEN_FILE_UNUSABLE: `The token file holds no token of 32 printable characters or more. Remove it, and the next start makes another one.`,
  KEK_MISSING: `DATABASE_URL is set, so the key-encryption key must be given too: it seals the private keys, and must not lie beside them.

  Make one:       openssl rand -base64 32
  Give it as:     CERTKEEP_KEK, or CERTKEEP_KEK_FILE naming a file of mode 0600

Keep a copy where the database's backups are not. Who loses it loses every private key.`,
  STORE_MISSING:
    'There is no store at CERTKEEP_DATA_DIR yet, and DATABASE_URL is not set. Set the one that the server has.',
  TOKEN_MISSING: `No token is stored and CERTKEEP_BOOTSTRAP_TOKEN is not set, so nobody could call this server.

  Make one:       npx certkeep token create --username NAME --superuser
  or set:         CERTKEEP_BOOTSTRAP_TOKEN (32 characters or more)`,
  TOKEN_TAKEN: 'CERTKEEP_BOOTSTRAP_TOKEN is the token of another principal already. Give another one.',
};

/** The metrics' listener can't have its address. */
export class MetricsAddressRefused extends Error {
  override readonly name = 'MetricsAddressRefused';
  readonly code = 'METRICS_ADDRESS_REFUSED';

  constructor(host: string, port: number, cause: NodeJS.ErrnoException) {
    super(
      `Metrics can't be answered on ${host}:${port} (${cause.code}). Set CERTKEEP_METRICS_HOST and CERTKEEP_METRICS_PORT.`,
      { cause },
    );
  }
}

/** The server does not start; the message says what to do about it. */
export class StartRefused extends Error {
  override readonly name = 'StartRefused';
  readonly code: StartRefusedCode;

  /** @param subject the file or the host that it is about */
  constructor(code: StartRefusedCode, subject?: string) {
    super(subject === undefined ? TEXTS[code] : `${TEXTS[code]}\n\n  ${subject}`);
    this.code = code;
  }
}
