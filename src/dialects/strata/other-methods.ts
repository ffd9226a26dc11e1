import type { FastifyInstance } from 'fastify';
import { methodNotSupported } from './errors.ts';
import { type Base, CERTIFICATE, CERTIFICATES } from './route.ts';

/** The paths that are no actions, and their methods. */
const METHODS = {
  [CERTIFICATES]: 'GET, HEAD, POST',
  [CERTIFICATE]: 'GET, HEAD, DELETE',
} as const;

/** On every path, 501 for the methods that it lacks (contract §9): there is no PUT and no PATCH in any version. */
export function otherMethods(app: FastifyInstance, base: Base): void {
  for (const [path, allow] of Object.entries(METHODS)) {
    const allowed = allow.split(', ');
    app.route({
      method: app.supportedMethods.filter((method) => !allowed.includes(method)),
      url: base.prefix + path,
      schema: { hide: true },
      config: { operation: 'strata.certificates.other_method' },
      handler: ({ method }) => {
        throw methodNotSupported(method, allow);
      },
    });
  }
}
