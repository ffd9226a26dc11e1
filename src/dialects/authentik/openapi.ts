import '@fastify/swagger';
import type { FastifyInstance } from 'fastify';
import { Query } from './query.ts';

/** The description of this API, made from the routes' own schemas. */
export function openapi(app: FastifyInstance): void {
  app.get('/api/v3/schema/', {
    schema: { hide: true },
    config: { operation: 'authentik.schema', authentik: { allow: 'GET, HEAD, OPTIONS', ignoresAccept: true } },
    handler(request, reply) {
      if (new Query(request).last('format') === 'json') {
        return app.swagger();
      }
      return reply.header('content-type', 'application/vnd.oai.openapi').send(app.swagger({ yaml: true }));
    },
  });
}
