import type { FastifyInstance } from 'fastify';
import type { z } from 'zod';
import { actorOf } from '../../http/index.ts';
import type { NewTrustEntry } from '../../keypairs/index.ts';
import { accountOf } from './account.ts';
import { readBody } from './body.ts';
import { accountParameter, certificateAnswer, SECURITY, writeProblems } from './descriptions.ts';
import { storableLabels } from './labels.ts';
import { locationOf } from './location.ts';
import { answerTypeOf, requireJsonBody } from './negotiation.ts';
import { refuseParameters } from './query-absence.ts';
import { representationOf } from './representation.ts';
import { CERTIFICATES, type Services } from './route.ts';
import { CERTIFICATE_MEDIA_TYPE, newCertificate } from './schemas.ts';
import { decodeCertificate } from './wanted-certificate.ts';

/** POST of a certificate (contract §3.2). The same one may come again: it is another resource. */
export function createCertificate(app: FastifyInstance, services: Services): void {
  app.post(CERTIFICATES, {
    schema: {
      tags: ['astra'],
      security: SECURITY,
      operationId: 'createCertificate',
      description: 'Stores a CA certificate in the account, and trusts it unless the request says otherwise.',
      params: accountParameter,
      body: newCertificate,
      response: { 201: certificateAnswer('The stored certificate'), ...writeProblems },
    },
    config: { operation: 'astra.certificates.create' },
    async handler(request, reply) {
      const mediaType = answerTypeOf(request, CERTIFICATE_MEDIA_TYPE);
      requireJsonBody(request);
      refuseParameters(request);
      const wanted = wantedEntry(readBody(request, newCertificate));
      const account = accountOf(request);
      const entry = await services.trust.add(actorOf(request), account, wanted);
      const { body, entityTag } = representationOf(entry);
      return reply
        .code(201)
        .headers({
          'content-type': mediaType,
          location: locationOf(request, `/accounts/${account}/core/v1/certificates/${entry.id}`),
          etag: entityTag,
        })
        .send(body);
    },
  });
}

function wantedEntry(body: z.output<typeof newCertificate>): NewTrustEntry {
  return {
    resourceVersion: body.version,
    labels: storableLabels(body.metadata?.labels ?? []),
    certificate: decodeCertificate(body.cert),
    use: body.certUse ?? 'rootCA',
    statedSelfSigned: body.isSelfSigned === 'true',
    desired: body.trustStateDesired ?? 'trusted',
  };
}
