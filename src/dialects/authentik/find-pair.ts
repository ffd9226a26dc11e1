import type { FastifyRequest } from 'fastify';
import type { Keypair, Keypairs } from '../../keypairs/index.ts';
import { filterOf, Query } from './query.ts';
import { idOf, PLACEMENT, VISIBLE } from './route.ts';

/**
 * The pair that the path names, where it passes the filters of the query too (contract §1.2).
 *
 * @throws {Refusal} 400 for a broken filter, which is told before anything about the id; 404 for what is no id
 * @throws {KeypairNotFound}
 */
export async function findPair(request: FastifyRequest, keypairs: Keypairs): Promise<Keypair> {
  const filter = { ...filterOf(new Query(request)), ...VISIBLE };
  return keypairs.get(PLACEMENT, idOf(request), filter);
}
