import type { FastifyInstance } from 'fastify';
import { answer } from '../../http/index.ts';
import { certificateOf } from './find-certificate.ts';
import { renderStored } from './render.ts';
import { type Base, CERTIFICATE, operationIdOf, type Services } from './route.ts';
import { certificatesGet, idParameter, readErrors, SECURITY } from './schemas.ts';

/** GET of one certificate (contract §2, operation 3). */
export function getCertificate(app: FastifyInstance, services: Services, base: Base): void {
  app.get(base.prefix + CERTIFICATE, {
    schema: {
      tags: ['strata'],
      security: SECURITY,
      operationId: operationIdOf('GetCertificatesByID', base),
      description: 'Shows a certificate.',
      params: idParameter,
      response: { 200: answer('The certificate', certificatesGet), ...readErrors },
    },
    config: { operation: 'strata.certificates.retrieve' },
    handler: (request) => renderStored(services, base, certificateOf(request)),
  });
}
