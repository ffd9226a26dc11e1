export { ACCOUNT_ID, type Account, type AccountId, accountIdOf } from './account.ts';
export {
  AccountError,
  type AccountErrorCode,
  AccountInUse,
  AccountNotFound,
  AccountRefused,
  type AccountRefusedCode,
} from './account-errors.ts';
export { type AccountOverview, accountRepository } from './account-repository.ts';
export { type Accounts, accountService, type NewAccount } from './accounts.ts';
export {
  type AnyVisible,
  authorise,
  authoriseOn,
  isAllowed,
  isAllowedOn,
  isOnTarget,
  letIn,
  visibleIn,
} from './authorise.ts';
export { AccessError, type AccessErrorCode, NotAuthenticated, PermissionDenied, TokenInvalid } from './errors.ts';
export { parseDuration, parseInstant } from './instant.ts';
export { holdsAll } from './minting.ts';
export {
  formatGrant,
  type Grant,
  NotAGrant,
  PERMISSIONS,
  type Permission,
  parseGrant,
} from './permission.ts';
export { type Caller, holds, holdsOn, type Principal } from './principal.ts';
export { formatReach, includesReach, NotAReach, parseReach, REALMS, type Reach, type RealmName } from './reach.ts';
export { type Need, type Operation, type Requirement, requirementOf, rights, type ScopeSource } from './rights.ts';
export { COMMON_ROLES, type CommonRoleName, ROLES, type Role, type RoleName } from './role.ts';
export { generateToken } from './token.ts';
export { TokenNotFound, TokenRefused, type TokenRefusedCode } from './token-errors.ts';
export type { TokenFilter, TokenOrder, TokenOrderField, TokenPage, TokensFound } from './token-reads.ts';
export type { NewToken, TokenChange, TokenOwner, TokenRecord, TokenRights } from './token-record.ts';
export type { FoundClient, TokenReference } from './token-reference.ts';
export { type BootstrapOutcome, tokenRepository } from './token-repository.ts';
export { type IssuedToken, type Tokens, tokenService } from './tokens.ts';
