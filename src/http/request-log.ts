import { type FastifyReply, type FastifyRequest, LogController } from 'fastify';

/** Logs each request once, when it was answered or broke off: what Fastify logs when it comes says nothing that this does not. */
export class RequestLog extends LogController {
  override incomingRequest(): void {}

  override requestCompleted(error: Error | null | undefined, request: FastifyRequest, reply: FastifyReply): void {
    const { method, url, socket } = request;
    const fields = {
      method,
      url,
      statusCode: reply.statusCode,
      responseTime: reply.elapsedTime,
      remoteAddress: socket.remoteAddress,
    };
    if (error) {
      reply.log.error({ ...fields, err: error }, 'request errored');
    } else {
      reply.log.info(fields, 'request completed');
    }
  }
}
