import type { FastifyInstance, FastifyRequest } from 'fastify';
import { type AnyVisible, authorise, type Operation, type RealmName, requirementOf } from '../access/index.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The line of the table of rights that decides. A route of a dialect must name one. */
    operation?: Operation;
  }
}

/**
 * Lets nobody through to a route who lacks the right that the table of rights names. Deny is the default: a route that names no
 * operation does not register.
 *
 * @param app a dialect's, whose hooks have set `request.caller` before
 * @param realm the dialect's own: its routes name operations of no other
 * @param anyVisible gives what looks where this dialect keeps its pairs, as far as they concern the request
 */
export function requireRights(
  app: FastifyInstance,
  realm: RealmName,
  anyVisible: (request: FastifyRequest) => AnyVisible,
): void {
  app.addHook('onRoute', ({ url, config }) => {
    if (config?.operation === undefined) {
      throw new Error(`${url} names no operation of the table of rights`);
    }
    if (requirementOf(config.operation).realm !== realm) {
      throw new Error(`${url} names ${config.operation}, which is none of ${realm}`);
    }
  });
  app.addHook('onRequest', async (request) => {
    const { operation } = request.routeOptions.config;
    // Without a route there is no operation, and nothing but a 404 behind it.
    if (operation !== undefined) {
      await authorise(request.caller, operation, anyVisible(request));
    }
  });
}
