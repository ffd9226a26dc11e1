import type { FastifyInstance } from 'fastify';
import { NOT_TO_BE_KEPT, oauthErrorBody } from './errors.ts';
import { ACCESS_TOKEN, BASES, JWKS } from './route.ts';

const ALLOWED: Readonly<Record<string, readonly string[]>> = { [ACCESS_TOKEN]: ['POST'], [JWKS]: ['GET', 'HEAD'] };

/** 405 for the methods that a path lacks. */
export function otherMethods(app: FastifyInstance): void {
  for (const [path, allowed] of Object.entries(ALLOWED)) {
    for (const { prefix } of BASES) {
      app.route({
        method: app.supportedMethods.filter((method) => !allowed.includes(method)),
        url: prefix + path,
        exposeHeadRoute: false,
        schema: { hide: true },
        config: { operation: 'strata.oauth2.other_method' },
        handler: (_request, reply) =>
          reply
            .code(405)
            .headers({ ...NOT_TO_BE_KEPT, allow: allowed.join(', ') })
            .send(oauthErrorBody(405)),
      });
    }
  }
}
