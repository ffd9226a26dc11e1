import type { FastifyInstance } from 'fastify';
import { answer } from '../../../http/index.ts';
import type { Services } from '../route.ts';
import { COMMON_ERRORS, JWKS, type TokenBase } from './route.ts';
import { jwks } from './schemas.ts';

/** A client that meets a key which it does not know asks again; what stands between may not keep it from the answer for long. */
const CACHING = 'public, max-age=10';

/** GET `connect/jwk_uri`: the public halves of the signing keys (RFC 7517 §5), for everybody. */
export function publishKeys(app: FastifyInstance, { accessTokens }: Services, { prefix, suffix }: TokenBase): void {
  app.get(prefix + JWKS, {
    schema: {
      tags: ['strata'],
      operationId: `ListSigningKeys${suffix}`,
      description: 'The public keys by which access tokens are verified.',
      security: [],
      response: { 200: answer('The keys', jwks), ...COMMON_ERRORS },
    },
    config: { operation: 'strata.oauth2.jwks' },
    async handler(_request, reply) {
      const keys = await accessTokens.keys.published();
      reply.header('cache-control', CACHING);
      return { keys };
    },
  });
}
