import type { FastifyRequest } from 'fastify';
import { judgePreconditions } from '../../http/index.ts';
import type { TrustEntry } from '../../keypairs/index.ts';
import { Problem } from './errors.ts';
import { type Representation, representationOf } from './representation.ts';

/**
 * Holds a request's conditional headers against a representation (contract §1, RFC 9110 §13).
 *
 * @returns whether a reader has it already (304)
 * @throws {Problem} 38 where one is not met
 */
export function isUnmodified(request: FastifyRequest, current: Representation, now: Date): boolean {
  const verdict = judgePreconditions(request, current, now);
  if (verdict === 'failed') {
    throw new Problem(38);
  }
  return verdict === 'not-modified';
}

/**
 * As {@link isUnmodified}, of a write, which is to be decided while nobody else can change the entry.
 *
 * @throws {Problem} 38
 */
export function requirePreconditions(request: FastifyRequest, current: TrustEntry, now: Date): void {
  isUnmodified(request, representationOf(current), now);
}
