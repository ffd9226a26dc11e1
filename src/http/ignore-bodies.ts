import type { FastifyInstance } from 'fastify';

/** Lets the routes of a scope take any body of any type, or of none, and read past it. */
export function ignoreBodies(app: FastifyInstance): void {
  app.addHook('onRequest', async (request) => {
    // Fastify refuses what is no media type, or (for QUERY) that there is none.
    request.headers['content-type'] = 'application/octet-stream';
  });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (_request, payload, done) => {
    payload.resume();
    done(null);
  });
}
