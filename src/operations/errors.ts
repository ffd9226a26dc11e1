export type StartRefusedCode = 'KEK_MISSING' | 'TOKEN_MISSING' | 'TOKEN_TAKEN';

const TEXTS: Record<StartRefusedCode, string> = {
  KEK_MISSING: `DATABASE_URL is set, so the key-encryption key must be given too: it seals the private keys, and must not lie beside them.

  Make one:       openssl rand -base64 32
  Give it as:     CERTKEEP_KEK, or CERTKEEP_KEK_FILE naming a file of mode 0600

Keep a copy where the database's backups are not. Who loses it loses every private key.`,
  TOKEN_MISSING: `No token is stored and CERTKEEP_BOOTSTRAP_TOKEN is not set, so nobody could call this server.

  Make one:       npx certkeep token create --username NAME --superuser
  or set:         CERTKEEP_BOOTSTRAP_TOKEN (32 characters or more)`,
  TOKEN_TAKEN: 'CERTKEEP_BOOTSTRAP_TOKEN is the token of another principal already. Give another one.',
};

/** The server does not start; the message says what to do about it. */
export class StartRefused extends Error {
  override readonly name = 'StartRefused';
  readonly code: StartRefusedCode;

  constructor(code: StartRefusedCode) {
    super(TEXTS[code]);
    this.code = code;
  }
}
