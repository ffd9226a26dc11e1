import type { FastifyInstance } from 'fastify';
import { answer, departureSignal } from '../../http/index.ts';
import { pageOf, paginationOf, rowsOf } from './paging.ts';
import { filterOf, ordersOf, Query, wantsDetails } from './query.ts';
import { renderKeypair } from './render.ts';
import { ANSWERS, PAIRS, PLACEMENT, type Services } from './route.ts';
import { certificateKeyPairList, listParameters, readErrors } from './schemas.ts';
import { visibleTo } from './visible.ts';

/** GET: one page of pairs, filtered, searched and ordered (contract §1.7). */
export function list(app: FastifyInstance, { keypairs }: Services): void {
  app.get(PAIRS, {
    schema: {
      tags: ['crypto'],
      operationId: 'crypto_certificatekeypairs_list',
      description: 'Lists certificate-key pairs. The private keys stay sealed.',
      querystring: listParameters,
      response: { 200: answer('One page of pairs', certificateKeyPairList), ...readErrors },
    },
    config: { operation: 'authentik.certificatekeypairs.list', authentik: ANSWERS.list },
    async handler(request, reply) {
      const query = new Query(request);
      const filter = { ...filterOf(query), ...visibleTo(request) };
      const page = pageOf(query);
      const departure = () => departureSignal(reply);
      const found = await keypairs.list(PLACEMENT, filter, ordersOf(query), rowsOf(page), departure);
      const withDetails = wantsDetails(query);
      return {
        pagination: paginationOf(page, found.total, found.keypairs.length),
        results: found.keypairs.map((keypair) => renderKeypair(keypair, withDetails)),
        autocomplete: {},
      };
    },
  });
}
