import type { FastifyInstance } from 'fastify';
import { ignoreBodies } from '../http/index.ts';

const PROBE = { schema: { hide: true }, config: { unlimited: true } } as const;

/** Whether the process runs, and whether it can serve: empty bodies, any method, no token (contract §5). */
export async function health(app: FastifyInstance, { isReady }: { isReady(): Promise<boolean> }): Promise<void> {
  // A probe may send any method with any body.
  ignoreBodies(app);
  app.all('/-/health/live/', PROBE, (_request, reply) => reply.code(200).send());
  app.all('/-/health/ready/', PROBE, async (_request, reply) => reply.code((await isReady()) ? 200 : 503).send());
}
