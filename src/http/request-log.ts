import type { ServerResponse } from 'node:http';
import { type FastifyReply, type FastifyRequest, LogController } from 'fastify';

/** Logs each request once, when it was answered or broke off: what Fastify logs when it comes says nothing that this does not. */
export class RequestLog extends LogController {
  readonly #told = new WeakSet<ServerResponse>();

  override incomingRequest(request: FastifyRequest, reply: FastifyReply): void {
    const { raw } = reply;
    const { socket } = request.raw;
    const { ip } = request;
    // Behind another one on its connection, an answer is not told that this broke. As many may wait as the client likes.
    const waits = raw.socket === null;
    const tell = () => {
      if (waits) {
        socket.off('close', tell);
      }
      if (!raw.writableFinished && !this.#told.has(raw)) {
        this.#told.add(raw);
        reply.log.info({ ...fieldsOf(request, reply), remoteAddress: ip }, 'request broke off');
      }
    };
    raw.once('close', tell);
    if (waits) {
      socket.setMaxListeners(0).once('close', tell);
    }
  }

  override requestCompleted(error: Error | null | undefined, request: FastifyRequest, reply: FastifyReply): void {
    const fields = { ...fieldsOf(request, reply), statusCode: reply.statusCode };
    if (error) {
      this.#told.add(reply.raw);
      reply.log.error({ ...fields, err: error }, 'request errored');
    } else {
      reply.log.info(fields, 'request completed');
    }
  }
}

function fieldsOf({ method, url, ip }: FastifyRequest, { elapsedTime }: FastifyReply) {
  return { method, url, responseTime: elapsedTime, remoteAddress: ip };
}
