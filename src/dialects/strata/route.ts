import type { Tokens } from '../../access/index.ts';
import type { RateLimits, Refusals } from '../../http/index.ts';
import type { Keypairs, PassphraseWork } from '../../keypairs/index.ts';
import type { AccessTokens } from './oauth2/access-tokens.ts';

/** What the operations of this dialect stand on. */
export interface Services {
  readonly keypairs: Keypairs;
  readonly work: PassphraseWork;
  readonly tokens: Tokens;
  readonly accessTokens: AccessTokens;
  readonly refusals: Refusals;
  readonly limits: RateLimits;
  /** Whether keys and digests that are no longer safe are taken. */
  readonly allowWeak: boolean;
  /** The tenant of a plain token that reaches more than one. */
  readonly defaultTsg: string;
  /** Of the legacy base path. */
  readonly legacyDates: 'full-date' | 'openssl';
  /** For how long a key signs access tokens. */
  readonly signingKeyDays: number;
  now(): Date;
}

/** A base path (contract §1): both serve the same certificates, and differ in a few words. */
export interface Base {
  readonly prefix: string;
  /** Whether it is the one of Prisma Access, whose clients look up names in lists (contract §3.1). */
  readonly isLegacy: boolean;
}

export const BASES: readonly Base[] = [
  { prefix: '/config/identity/v1', isLegacy: false },
  { prefix: '/sse/config/v1', isLegacy: true },
];

/** The paths below a base, as Fastify writes them: a colon that is one stands twice. */
export const CERTIFICATES = '/certificates';
export const CERTIFICATE = `${CERTIFICATES}/:id(^[^/:]+$)`;
export const IMPORT = `${CERTIFICATES}::import`;
export const EXPORT = `${CERTIFICATE}::export`;

/** Where tokens are asked for (contract §1.1). */
export const TOKEN_BASES = ['/oauth2', '/auth/v1/oauth2', '/am/oauth2'] as const;

/**
 * The name of an operation in OpenAPI, where each has one of its own.
 *
 * @param name as the contract's table has it
 */
export function operationIdOf(name: string, { isLegacy }: Base): string {
  return isLegacy ? `${name}Legacy` : name;
}
