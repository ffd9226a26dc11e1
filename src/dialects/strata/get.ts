import type { FastifyInstance } from 'fastify';
import { answer } from '../../http/index.ts';
import type { Keypairs } from '../../keypairs/index.ts';
import { certificateOf, type Target } from './find-certificate.ts';
import { dateFormOf, renderCertificate } from './render.ts';
import { type Base, CERTIFICATE, operationIdOf, type Services } from './route.ts';
import { certificatesGet, idParameter, readErrors, SECURITY } from './schemas.ts';
import { containerAt } from './tenancy.ts';

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
    handler: (request) => render(services, base, certificateOf(request)),
  });
}

/**
 * A stored certificate as this API shows it.
 *
 * @throws {KeypairNotFound}
 */
export async function render(
  { keypairs, legacyDates }: { readonly keypairs: Pick<Keypairs, 'viewOf'> } & Pick<Services, 'legacyDates'>,
  base: Base,
  { id, placement }: Target,
) {
  const container = containerAt(placement.scope);
  if (container === undefined) {
    throw new Error(`${id} is in no container`);
  }
  return renderCertificate(await keypairs.viewOf(placement, id), container, dateFormOf(base, { legacyDates }));
}
