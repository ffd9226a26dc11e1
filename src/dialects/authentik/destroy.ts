import type { FastifyInstance } from 'fastify';
import { actorOf, noContent } from '../../http/index.ts';
import { pairOf } from './find-pair.ts';
import { ANSWERS, PAIR, PLACEMENT, type Services } from './route.ts';
import { bodilessErrors, filterParameters, pkParameter } from './schemas.ts';

/** DELETE `{kp_uuid}/`: 204, also where something uses the pair (contract §3). */
export function destroy(app: FastifyInstance, { keypairs }: Services): void {
  app.delete(PAIR, {
    schema: {
      tags: ['crypto'],
      operationId: 'crypto_certificatekeypairs_destroy',
      description: 'Deletes a certificate-key pair and its sealed private key.',
      params: pkParameter,
      querystring: filterParameters,
      response: { 204: noContent('Deleted'), ...bodilessErrors },
    },
    config: {
      operation: 'authentik.certificatekeypairs.destroy',
      authentik: ANSWERS.detail,
    },
    async handler(request, reply) {
      const { id } = pairOf(request);
      await keypairs.remove(actorOf(request), PLACEMENT, id);
      return reply.code(204).send();
    },
  });
}
