import type { FastifyInstance } from 'fastify';

/**
 * Ends the connection of a client that has not taken its whole answer in time. Node bounds how long a request may take to come, but
 * not how long its answer may take to go.
 *
 * @param timeoutMs from the moment at which the answer is ready
 */
export function endUnreadAnswers(app: FastifyInstance, timeoutMs: number): void {
  app.addHook('onSend', (request, reply, _payload, done) => {
    const timer = setTimeout(() => request.raw.socket.destroy(), timeoutMs).unref();
    reply.raw.once('close', () => clearTimeout(timer));
    done();
  });
}
