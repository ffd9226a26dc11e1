import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { visibleIn } from '../../access/index.ts';
import { acceptedRanges, departureSignal, entityTagOf, noContent, qualityOf } from '../../http/index.ts';
import { accountOf } from './account.ts';
import { accountParameter, readProblems, SECURITY } from './descriptions.ts';
import { Problem } from './errors.ts';
import { isUnmodified } from './preconditions.ts';
import { refuseParameters } from './query-absence.ts';
import type { Representation } from './representation.ts';
import { BUNDLE, type Services } from './route.ts';

const PEM_TYPE = 'application/x-pem-file';

/** What an Accept header may name: PEM has no registered type, and is text. */
const ACCEPTABLE = [PEM_TYPE, 'text/plain'];

/**
 * GET of what an account trusts, in the form that servers and clients of TLS read. The original has nothing like it, and keeps no
 * certificate by this name.
 */
export function trustBundle(app: FastifyInstance, services: Services): void {
  app.get(BUNDLE, {
    exposeHeadRoute: false,
    schema: {
      tags: ['astra'],
      security: SECURITY,
      operationId: 'getTrustBundle',
      summary: 'An addition of Certkeep',
      description:
        'All certificates of an account that are trusted and have not expired, each once, as one PEM file: for ' +
        '`curl --cacert`, `ssl_trusted_certificate` of nginx, or `openssl verify -CAfile`. Empty where nothing is trusted. ' +
        "Astra Control's own API has no such operation.",
      params: accountParameter,
      response: {
        200: { description: 'The certificates, the oldest first', content: { [PEM_TYPE]: { schema: z.string() } } },
        304: noContent('What the client has, by If-None-Match, is what it would get'),
        ...readProblems,
      },
    },
    config: { operation: 'astra.certificates.bundle' },
    async handler(request, reply) {
      requireAcceptable(request);
      refuseParameters(request);
      const ids = visibleIn(request.caller, 'astra.certificates.bundle');
      const account = accountOf(request);
      const departure = () => departureSignal(reply);
      const body = await services.trust.bundle(account, ids && [...ids], departure);
      const bundle: Representation = { body, entityTag: entityTagOf(body), lastModified: undefined };
      const hasIt = isUnmodified(request, bundle, services.now());
      // Trust may be withdrawn at any time: whoever keeps a bundle asks whether it still holds (RFC 9111 §5.2.2.4).
      reply.headers({ etag: bundle.entityTag, 'cache-control': 'no-cache' });
      return hasIt ? reply.code(304).send() : reply.header('content-type', PEM_TYPE).send(body);
    },
  });
}

/** @throws {Problem} 32 */
function requireAcceptable({ headers }: FastifyRequest): void {
  const ranges = acceptedRanges(headers.accept);
  if (!ACCEPTABLE.some((type) => (qualityOf(type, ranges) ?? 0) > 0)) {
    throw new Problem(32);
  }
}
