import type { FastifyRequest } from 'fastify';
import { type AnyVisible, visibleIn } from '../../access/index.ts';
import type { KeypairFilter, Keypairs } from '../../keypairs/index.ts';
import { PLACEMENT, VISIBLE } from './route.ts';

/** Whether any of some pairs is there to be seen through this API. */
export function anyVisible(keypairs: Keypairs): AnyVisible {
  return (ids) => keypairs.exists(PLACEMENT, { ...VISIBLE, ids: [...ids] });
}

/** What the caller sees: all that this API shows, or those of it that it may view (contract §2.1, rule 3). */
export function visibleTo({ caller, routeOptions }: FastifyRequest): KeypairFilter {
  const { operation } = routeOptions.config;
  const ids = operation === undefined ? [] : visibleIn(caller, operation);
  return ids === undefined ? VISIBLE : { ...VISIBLE, ids: [...ids] };
}
