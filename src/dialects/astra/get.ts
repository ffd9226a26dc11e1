import type { FastifyInstance } from 'fastify';
import { formatHttpDate, noContent } from '../../http/index.ts';
import { certificateAnswer, certificateParameters, readProblems, SECURITY } from './descriptions.ts';
import { certificateOf } from './find-certificate.ts';
import { answerTypeOf } from './negotiation.ts';
import { isUnmodified } from './preconditions.ts';
import { refuseParameters } from './query-absence.ts';
import { type Representation, representationOf } from './representation.ts';
import { CERTIFICATE, type Services } from './route.ts';
import { CERTIFICATE_MEDIA_TYPE } from './schemas.ts';

/** GET of one certificate (contract §3.3). */
export function getCertificate(app: FastifyInstance, services: Services): void {
  app.get(CERTIFICATE, {
    schema: {
      tags: ['astra'],
      security: SECURITY,
      operationId: 'getCertificate',
      description: 'Shows a CA certificate of the account, and whether it is trusted.',
      params: certificateParameters,
      response: {
        200: certificateAnswer('The certificate'),
        304: noContent('The client has it already'),
        ...readProblems,
      },
    },
    config: { operation: 'astra.certificates.retrieve' },
    exposeHeadRoute: false,
    async handler(request, reply) {
      const mediaType = answerTypeOf(request, CERTIFICATE_MEDIA_TYPE);
      refuseParameters(request);
      const { id, account } = certificateOf(request);
      const representation = representationOf(await services.trust.get(account, id));
      const now = services.now();
      reply.header('etag', representation.entityTag);
      return isUnmodified(request, representation, now)
        ? reply.code(304).send()
        : reply
            .headers({ 'content-type': mediaType, ...lastModifiedHeader(representation, now) })
            .send(representation.body);
    },
  });
}

/** No date ahead of the clock (RFC 9110 §8.8.2.1): the second of two quick changes has one. */
function lastModifiedHeader({ lastModified }: Representation, now: Date) {
  return lastModified === undefined || lastModified > now ? {} : { 'last-modified': formatHttpDate(lastModified) };
}
