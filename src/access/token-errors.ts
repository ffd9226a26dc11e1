export type TokenRefusedCode =
  | 'IDENTIFIER_TAKEN'
  | 'IDENTIFIER_MALFORMED'
  | 'USERNAME_MALFORMED'
  | 'EXPIRY_PAST'
  | 'KEYPAIR_UNKNOWN';

const TEXTS: Record<TokenRefusedCode, string> = {
  IDENTIFIER_TAKEN: 'a token of this identifier exists, or existed: none is used twice',
  IDENTIFIER_MALFORMED: 'an identifier consists of 1 to 255 letters, digits, hyphens and underscores',
  USERNAME_MALFORMED: 'a username has 1 to 150 characters, and not only blanks',
  EXPIRY_PAST: 'the token would have expired already',
  KEYPAIR_UNKNOWN: 'a permission names a keypair that is not there',
};

/** A token can't be made or changed as it is wanted; nothing was stored. */
export class TokenRefused extends Error {
  override readonly name = 'TokenRefused';
  readonly code: TokenRefusedCode;

  constructor(code: TokenRefusedCode) {
    super(TEXTS[code]);
    this.code = code;
  }
}

/** There is no token of that identifier, or it was revoked. */
export class TokenNotFound extends Error {
  override readonly name = 'TokenNotFound';
  readonly code = 'TOKEN_NOT_FOUND';

  constructor() {
    super('there is no such token');
  }
}
