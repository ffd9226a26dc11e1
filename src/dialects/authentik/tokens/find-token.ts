import type { FastifyRequest } from 'fastify';
import {
  type Caller,
  holds,
  NotAuthenticated,
  type TokenFilter,
  TokenNotFound,
  type TokenRecord,
  type Tokens,
} from '../../../access/index.ts';
import { Query } from '../query.ts';
import { tokenFilterOf } from './query.ts';
import { identifierOf } from './route.ts';

/** @throws {NotAuthenticated} */
export function callerOf({ caller }: FastifyRequest): Caller {
  if (caller === undefined) {
    throw new NotAuthenticated();
  }
  return caller;
}

/**
 * The tokens that a request may see, and asks for: those of its own principal, and with `view_token` all.
 *
 * @returns `nothing` where none can be meant
 * @throws {Refusal} 400 for a filter that is not sound
 */
export function visibleTokens(request: FastifyRequest): TokenFilter | 'nothing' {
  const caller = callerOf(request);
  const filter = tokenFilterOf(new Query(request));
  if (filter === 'nothing' || holds(caller, 'view_token')) {
    return filter;
  }
  return { ...filter, ownerId: caller.id };
}

/**
 * The token that the path names, where the caller may see it and it passes the filters of the query.
 *
 * @throws {Refusal} 400 for a filter that is not sound
 * @throws {TokenNotFound}
 */
export async function findToken(request: FastifyRequest, tokens: Tokens): Promise<TokenRecord> {
  const filter = visibleTokens(request);
  const identifier = identifierOf(request);
  if (filter === 'nothing' || identifier.includes('\0') || (filter.identifier ?? identifier) !== identifier) {
    throw new TokenNotFound();
  }
  const token = await tokens.find({ ...filter, identifier });
  if (token === undefined) {
    throw new TokenNotFound();
  }
  return token;
}
