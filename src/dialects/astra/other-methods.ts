import type { FastifyInstance } from 'fastify';
import { methodNotSupported } from './errors.ts';
import { BUNDLE, CERTIFICATE, CERTIFICATES } from './route.ts';

/** There is no PATCH and no HEAD (contract §3.1). */
const METHODS = {
  [CERTIFICATES]: 'GET, POST',
  [CERTIFICATE]: 'GET, PUT, DELETE',
  [BUNDLE]: 'GET',
} as const;

/** On every path, 405 for the methods that it lacks. */
export function otherMethods(app: FastifyInstance): void {
  for (const [url, allow] of Object.entries(METHODS)) {
    const allowed = allow.split(', ');
    app.route({
      method: app.supportedMethods.filter((method) => !allowed.includes(method)),
      url,
      schema: { hide: true },
      config: { operation: 'astra.certificates.other_method' },
      handler: () => {
        throw methodNotSupported(allow);
      },
    });
  }
}
