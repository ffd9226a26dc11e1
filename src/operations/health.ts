import type { FastifyInstance } from 'fastify';

/** Whether the process runs, and whether it can serve: empty bodies, any method, no token (contract §5). */
export async function health(app: FastifyInstance, { isReady }: { isReady(): Promise<boolean> }): Promise<void> {
  // A probe may send any method with any body, which nobody reads.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (_request, payload, done) => {
    payload.resume();
    done(null);
  });
  app.all('/-/health/live/', { schema: { hide: true } }, (_request, reply) => reply.code(200).send());
  app.all('/-/health/ready/', { schema: { hide: true } }, async (_request, reply) =>
    reply.code((await isReady()) ? 200 : 503).send(),
  );
}
