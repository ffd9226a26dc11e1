import type { FastifyInstance } from 'fastify';

declare module 'fastify' {
  interface FastifyRequest {
    /** The Content-Type header as it was sent, where bodies are kept raw: what Fastify goes by is another. Empty without one. */
    contentType: string;
  }
}

/**
 * Makes bodies of every type arrive as bytes in the routes of a scope: whether a type is taken is decided by who reads the body, and only
 * where there is one.
 */
export function keepBodiesRaw(app: FastifyInstance): void {
  app.decorateRequest('contentType', '');
  app.addHook('onRequest', (request, _reply, done) => {
    // Fastify refuses what is no media type, or (for QUERY) that there is none, before anybody asks whether there is a body.
    request.contentType = request.headers['content-type'] ?? '';
    request.headers['content-type'] = 'application/octet-stream';
    done();
  });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
}
