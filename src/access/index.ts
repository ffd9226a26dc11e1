export { AccessError, type AccessErrorCode, NotAuthenticated, PermissionDenied, TokenInvalid } from './errors.ts';
export {
  formatGrant,
  type Grant,
  NotAGrant,
  PERMISSIONS,
  type Permission,
  parseGrant,
  ROLES,
  type Role,
  type RoleName,
} from './permission.ts';
export { type Caller, holds, holdsOn, type Principal } from './principal.ts';
export { formatReach, includesReach, NotAReach, parseReach, REALMS, type Reach, type RealmName } from './reach.ts';
export { authorise, isAllowed, type Operation, type Requirement, rights, type Target } from './rights.ts';
export { generateToken } from './token.ts';
export { type NewToken, type TokenRights, tokenRepository } from './token-repository.ts';
export { type Tokens, tokenService } from './tokens.ts';
