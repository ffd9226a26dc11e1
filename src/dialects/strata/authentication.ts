import type { FastifyRequest } from 'fastify';
import { type Caller, letIn, TokenInvalid } from '../../access/index.ts';
import { KeyTooLong } from './errors.ts';
import { isAccessToken } from './oauth2/access-tokens.ts';
import type { Services } from './route.ts';
import { type TsgId, tsgIdOf } from './tenancy.ts';

/** Who sends a request, and the tenant that they speak for. */
export interface Login {
  readonly caller: Caller;
  readonly tsg: TsgId;
}

/** Longer than any access token that is issued: its scope is bounded, and so is its client's name. */
const MAX_BEARER_LENGTH = 4096;

type Purpose = 'read' | 'write';

const READS = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Who sends this request, by its Authorization header (contract §1). No header and another scheme are nobody.
 *
 * @throws {TokenInvalid} where there is a token and it is not let in
 */
export async function authenticate(request: FastifyRequest, services: Services): Promise<Login | undefined> {
  const [, token] = /^Bearer +(\S.*)$/i.exec(request.headers.authorization ?? '') ?? [];
  if (token === undefined) {
    return undefined;
  }
  if (token.length > MAX_BEARER_LENGTH) {
    throw new KeyTooLong();
  }
  const purpose = READS.has(request.method) ? 'read' : 'write';
  const { caller, tsg } = await (isAccessToken(token) ? byAccessToken : byPlainToken)(token, purpose, services);
  return { caller: letIn(caller, { realm: 'strata', scope: tsg }), tsg };
}

/** The tenant is the one that the token was asked for. */
async function byAccessToken(token: string, purpose: Purpose, { accessTokens, tokens }: Services): Promise<Login> {
  const { reference, tsg } = await accessTokens.verify(token, purpose);
  return { caller: await tokens.authenticateById(reference, purpose), tsg };
}

async function byPlainToken(token: string, purpose: Purpose, { tokens, defaultTsg }: Services): Promise<Login> {
  const caller = await tokens.authenticate(token, purpose);
  return { caller, tsg: defaultTenantOf(caller, defaultTsg) };
}

/**
 * The one tenant that a token reaches; where that is not one alone, what is configured.
 *
 * @throws {TokenInvalid} where it is no tenant
 */
export function defaultTenantOf({ reach }: Caller, configured: string): TsgId {
  const scopes = reach.flatMap(({ realm, scope }) => (realm === 'strata' ? [scope] : []));
  const [only] = scopes;
  const tsg = tsgIdOf(scopes.length === 1 && only !== undefined ? only : configured);
  if (tsg === undefined) {
    throw new TokenInvalid();
  }
  return tsg;
}
