import type { FastifyInstance } from 'fastify';
import { visibleIn } from '../../access/index.ts';
import { actorOf, answer } from '../../http/index.ts';
import { KeypairInUse } from '../../keypairs/index.ts';
import { referenceNotZero } from './errors.ts';
import { certificateOf } from './find-certificate.ts';
import { renderStored } from './render.ts';
import { type Base, CERTIFICATE, operationIdOf, type Services } from './route.ts';
import { certificatesGet, idParameter, SECURITY, writeErrors } from './schemas.ts';

/** DELETE of one certificate and its key (contract §2, operation 4): answered with what was deleted, because one client fails without a body. */
export function deleteCertificate(app: FastifyInstance, services: Services, base: Base): void {
  app.delete(base.prefix + CERTIFICATE, {
    schema: {
      tags: ['strata'],
      security: SECURITY,
      operationId: operationIdOf('DeleteCertificatesByID', base),
      description: 'Deletes a certificate and its sealed private key. A CA that signed others that are stored stays.',
      params: idParameter,
      response: {
        200: answer('The certificate as it was', certificatesGet),
        ...writeErrors,
      },
    },
    config: { operation: 'strata.certificates.delete' },
    async handler(request) {
      const target = certificateOf(request);
      const deleted = await renderStored(services, base, target);
      await services.keypairs.remove(actorOf(request), target.placement, target.id).catch((error: unknown) => {
        throw error instanceof KeypairInUse
          ? referenceNotZero(error, visibleIn(request.caller, 'strata.certificates.list'))
          : error;
      });
      return deleted;
    },
  });
}
