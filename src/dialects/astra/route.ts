import type { Accounts, Tokens } from '../../access/index.ts';
import type { AuthenticatedTexts, RateLimits, Refusals } from '../../http/index.ts';
import type { Keypairs, TrustStore } from '../../keypairs/index.ts';

/** What the operations of this dialect stand on. */
export interface Services {
  /** Finds in which account a certificate is. */
  readonly keypairs: Pick<Keypairs, 'locate'>;
  readonly trust: TrustStore;
  readonly accounts: Pick<Accounts, 'exists'>;
  readonly tokens: Tokens;
  readonly refusals: Refusals;
  readonly limits: RateLimits;
  /** Makes the tokens by which lists are continued. */
  readonly continuations: AuthenticatedTexts;
  now(): Date;
}

/** Contract §1. */
export const CERTIFICATES = '/accounts/:account_id/core/v1/certificates';
/** Fastify takes nothing at all for an id too, unless it is told what one looks like. */
export const CERTIFICATE = `${CERTIFICATES}/:certificate_id(^[^/]+$)`;
/** An addition of ours. */
export const BUNDLE = `${CERTIFICATES}/bundle.pem`;
