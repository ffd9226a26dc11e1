import type { FastifyRequest } from 'fastify';
import type { Tokens } from '../../../access/index.ts';

/** What the operations on tokens stand on. */
export interface TokenServices {
  readonly tokens: Tokens;
  now(): Date;
}

export const TOKENS = '/api/v3/core/tokens/';
/** One token, by its identifier. What Django's router takes for one is anything without a slash or a dot. */
export const TOKEN = `${TOKENS}:identifier(^[^/.]+$)/`;

export function identifierOf(request: FastifyRequest): string {
  return (request.params as { identifier: string }).identifier;
}
