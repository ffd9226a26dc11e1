export type AccessErrorCode = 'NOT_AUTHENTICATED' | 'TOKEN_INVALID' | 'PERMISSION_DENIED';

/** Why a caller was refused. Each dialect words these for its clients. */
export abstract class AccessError extends Error {
  abstract readonly code: AccessErrorCode;
}

/** The request names no token. */
export class NotAuthenticated extends AccessError {
  override readonly name = 'NotAuthenticated';
  readonly code = 'NOT_AUTHENTICATED';

  constructor() {
    super('no token was given');
  }
}

/** The token is unknown, expired or revoked. The three read alike, so that nobody learns which tokens once existed. */
export class TokenInvalid extends AccessError {
  override readonly name = 'TokenInvalid';
  readonly code = 'TOKEN_INVALID';

  constructor() {
    super('the token is unknown, expired or revoked');
  }
}

/** The caller is known and lacks the right. */
export class PermissionDenied extends AccessError {
  override readonly name = 'PermissionDenied';
  readonly code = 'PERMISSION_DENIED';

  constructor(operation: string) {
    super(`the caller may not ${operation}`);
  }
}
