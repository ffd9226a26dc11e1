import type { FastifyInstance } from 'fastify';
import type { z } from 'zod';
import { actorOf, noContent } from '../../http/index.ts';
import type { KeypairId, TrustEntryChange } from '../../keypairs/index.ts';
import { readBody } from './body.ts';
import { certificateParameters, problemAnswer, SECURITY, writeProblems } from './descriptions.ts';
import { conflictingFields } from './errors.ts';
import { certificateOf } from './find-certificate.ts';
import { storableLabels } from './labels.ts';
import { requireJsonBody } from './negotiation.ts';
import { requirePreconditions } from './preconditions.ts';
import { refuseParameters } from './query-absence.ts';
import { CERTIFICATE, type Services } from './route.ts';
import { changedCertificate } from './schemas.ts';
import { decodeCertificate } from './wanted-certificate.ts';

type Body = z.output<typeof changedCertificate>;

/** PUT of one certificate (contract §3.4): what the body has replaces what is stored, and what it lacks stays. */
export function updateCertificate(app: FastifyInstance, services: Services): void {
  app.put(CERTIFICATE, {
    schema: {
      tags: ['astra'],
      security: SECURITY,
      operationId: 'updateCertificate',
      description: 'Changes a certificate, or the trust that is put into it.',
      params: certificateParameters,
      body: changedCertificate,
      response: {
        204: noContent('It is changed'),
        ...writeProblems,
        409: problemAnswer('Problem 10: another id than that of the path'),
      },
    },
    config: { operation: 'astra.certificates.update' },
    async handler(request, reply) {
      requireJsonBody(request);
      refuseParameters(request);
      const { id, account } = certificateOf(request);
      const change = wantedChange(id, readBody(request, changedCertificate));
      await services.trust.change(actorOf(request), account, id, (current) => {
        requirePreconditions(request, current, services.now());
        return change;
      });
      // Without an entity tag: what is stored is not what was sent (RFC 9110 §9.3.4).
      return reply.code(204).send();
    },
  });
}

/** Fields that follow from others, and those that the service is in charge of, are looked at by the schema alone (contract §9.10). */
function wantedChange(id: KeypairId, body: Body): TrustEntryChange {
  const { certUse, cert, trustStateDesired, metadata } = body;
  const labels = metadata?.labels === undefined ? undefined : storableLabels(metadata.labels);
  const certificate = cert === undefined ? undefined : decodeCertificate(cert);
  if (body.id !== undefined && body.id !== id) {
    throw conflictingFields([{ name: 'id', reason: 'is not that of the path' }]);
  }
  const statedSelfSigned = statedIn(body);
  return {
    resourceVersion: body.version,
    ...(certificate === undefined ? {} : { certificate }),
    ...(certUse === undefined ? {} : { use: certUse }),
    ...(statedSelfSigned === undefined ? {} : { statedSelfSigned }),
    ...(trustStateDesired === undefined ? {} : { desired: trustStateDesired }),
    ...(labels === undefined ? {} : { labels }),
  };
}

/** Contract §3.4: a new certificate falls to `false`, unless it comes with its own statement. */
function statedIn({ isSelfSigned, cert }: Body): boolean | undefined {
  return isSelfSigned === undefined && cert === undefined ? undefined : isSelfSigned === 'true';
}
