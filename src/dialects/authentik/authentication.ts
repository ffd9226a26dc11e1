import type { FastifyRequest } from 'fastify';
import { type Caller, letIn, type Tokens } from '../../access/index.ts';
import { PLACEMENT } from './route.ts';

const READS = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Who sends this request, by its Authorization header (contract §2). No header, another scheme, and a bearer without a token are all anonymous; the
 * token is everything behind the one blank, so that a second blank makes another token of it.
 *
 * @throws {TokenInvalid} where there is a token and it is not let in
 */
export async function authenticate(request: FastifyRequest, tokens: Tokens): Promise<Caller | undefined> {
  const { authorization = '' } = request.headers;
  const blank = authorization.indexOf(' ');
  const scheme = authorization.slice(0, Math.max(0, blank));
  const token = authorization.slice(blank + 1);
  if (scheme.toLowerCase() !== 'bearer' || token === '') {
    return undefined;
  }
  return letIn(await tokens.authenticate(token, READS.has(request.method) ? 'read' : 'write'), PLACEMENT);
}
