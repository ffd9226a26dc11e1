import type { FastifyInstance } from 'fastify';
import { type Operation, rights } from '../../access/index.ts';
import { methodNotAllowed } from './errors.ts';
import { PATHS, type PathName } from './paths.ts';

/**
 * On every path, 405 for the methods that it does not have (contract §1.8). Registered for each method, because `/generate/` would
 * otherwise be taken for an id by the methods of the detail route.
 */
export function otherMethods(app: FastifyInstance): void {
  for (const { path, url, answers } of PATHS) {
    const allowed = answers.allow.split(', ');
    for (const method of app.supportedMethods.filter((known) => !allowed.includes(known))) {
      app.route({
        method,
        url,
        // Where GET is lacking HEAD is too, and is a route of its own here.
        exposeHeadRoute: false,
        schema: { hide: true },
        config: { operation: operationOf(path, method), authentik: answers },
        handler: (request) => {
          throw methodNotAllowed(request.method);
        },
      });
    }
  }
}

/** A method that has a line of its own in the table of rights goes by that. */
function operationOf(path: PathName, method: string): Operation {
  const own = `${path}.other_method.${method.toLowerCase()}`;
  return Object.hasOwn(rights, own) ? (own as Operation) : `${path}.other_method`;
}
