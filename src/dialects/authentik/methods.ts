import type { FastifyInstance, HTTPMethods } from 'fastify';
import { methodNotAllowed } from './errors.ts';
import { PATHS } from './paths.ts';

/**
 * On every path, 405 for the methods that it does not have (contract §1.8). Registered for each method, because `/generate/` would
 * otherwise be taken for an id by the methods of the detail route.
 */
export function otherMethods(app: FastifyInstance): void {
  for (const { path, url, answers } of PATHS) {
    const allowed = answers.allow.split(', ');
    app.route({
      method: app.supportedMethods.filter((method) => !allowed.includes(method)) as HTTPMethods[],
      url,
      schema: { hide: true },
      config: { operation: `${path}.other_method`, authentik: answers },
      handler: (request) => {
        throw methodNotAllowed(request.method);
      },
    });
  }
}
