import type { FastifyRequest } from 'fastify';
import { type Caller, NotAuthenticated, TokenInvalid } from '../../access/index.ts';
import type { Services } from './route.ts';

const READS = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Who sends this request, by its Authorization header (contract §1). No header, another scheme and an empty token are nobody.
 *
 * @throws {NotAuthenticated} where nobody is named
 * @throws {TokenInvalid} where the token is not let in, also where it is good, but reaches nothing of this realm
 */
export async function authenticate(request: FastifyRequest, { tokens }: Pick<Services, 'tokens'>): Promise<Caller> {
  const [, token] = /^Bearer +(\S.*)$/i.exec(request.headers.authorization ?? '') ?? [];
  if (token === undefined) {
    throw new NotAuthenticated();
  }
  const caller = await tokens.authenticate(token, READS.has(request.method) ? 'read' : 'write');
  if (!caller.reach.some(({ realm }) => realm === 'astra')) {
    throw new TokenInvalid();
  }
  return caller;
}
