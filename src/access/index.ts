export { AccessError, type AccessErrorCode, NotAuthenticated, PermissionDenied, TokenInvalid } from './errors.ts';
export type { Caller, Principal } from './principal.ts';
export { authorise, isAllowed, type Operation, type Requirement, rights, type Target } from './rights.ts';
export { generateToken } from './token.ts';
export { tokenRepository } from './token-repository.ts';
export { type Tokens, tokenService } from './tokens.ts';
