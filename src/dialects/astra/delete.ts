import type { FastifyInstance } from 'fastify';
import { actorOf, noContent } from '../../http/index.ts';
import { certificateParameters, SECURITY, writeProblems } from './descriptions.ts';
import { certificateOf } from './find-certificate.ts';
import { requirePreconditions } from './preconditions.ts';
import { refuseParameters } from './query-absence.ts';
import { CERTIFICATE, type Services } from './route.ts';

/** DELETE of one certificate (contract §3.5). A body is passed over, whatever it is. */
export function deleteCertificate(app: FastifyInstance, services: Services): void {
  app.delete(CERTIFICATE, {
    schema: {
      tags: ['astra'],
      security: SECURITY,
      operationId: 'deleteCertificate',
      description: 'Deletes a certificate: it is trusted no more.',
      params: certificateParameters,
      response: { 204: noContent('It is deleted'), ...writeProblems },
    },
    config: { operation: 'astra.certificates.delete' },
    async handler(request, reply) {
      refuseParameters(request);
      const { id, account } = certificateOf(request);
      await services.trust.remove(actorOf(request), account, id, (current) => {
        requirePreconditions(request, current, services.now());
      });
      return reply.code(204).send();
    },
  });
}
