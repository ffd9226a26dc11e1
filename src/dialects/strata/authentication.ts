import type { FastifyRequest } from 'fastify';
import { type Caller, letIn, TokenInvalid } from '../../access/index.ts';
import type { Services } from './route.ts';
import { type TsgId, tsgIdOf } from './tenancy.ts';

/** Who sends a request, and the tenant that they speak for. */
export interface Login {
  readonly caller: Caller;
  readonly tsg: TsgId;
}

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
  const caller = await services.tokens.authenticate(token, READS.has(request.method) ? 'read' : 'write');
  const tsg = defaultTenantOf(caller, services.defaultTsg);
  return { caller: letIn(caller, { realm: 'strata', scope: tsg }), tsg };
}

/** The one tenant that a token reaches; where that is not one alone, what is configured. */
function defaultTenantOf({ reach }: Caller, configured: string): TsgId {
  const scopes = reach.flatMap(({ realm, scope }) => (realm === 'strata' ? [scope] : []));
  const [only] = scopes;
  const tsg = tsgIdOf(scopes.length === 1 && only !== undefined ? only : configured);
  if (tsg === undefined) {
    throw new TokenInvalid();
  }
  return tsg;
}
