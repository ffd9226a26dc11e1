import type { ServerResponse } from 'node:http';
import { type FastifyReply, type FastifyRequest, LogController } from 'fastify';
import { clientAddress } from './client-address.ts';
import { LoggedUrls } from './logged-url.ts';

/** Logs each request once, when it was answered or broke off: what Fastify logs when it comes says nothing that this does not. */
export class RequestLog extends LogController {
  /** What of a target is shown. */
  readonly urls = new LoggedUrls();
  readonly #told = new WeakSet<ServerResponse>();

  override incomingRequest(request: FastifyRequest, reply: FastifyReply): void {
    const { raw } = reply;
    const { socket } = request.raw;
    // Not to be known any more once the connection broke.
    const remoteAddress = clientAddress(request);
    // Behind another one on its connection, an answer is not told that this broke. As many may wait as the client likes.
    const waits = raw.socket === null;
    const tell = () => {
      if (waits) {
        socket.off('close', tell);
      }
      if (!raw.writableFinished && !this.#told.has(raw)) {
        this.#told.add(raw);
        reply.log.info({ ...this.#fieldsOf(request, reply), remoteAddress }, 'request broke off');
      }
    };
    raw.once('close', tell);
    if (waits) {
      socket.setMaxListeners(0).once('close', tell);
    }
  }

  override requestCompleted(error: Error | null | undefined, request: FastifyRequest, reply: FastifyReply): void {
    const fields = { ...this.#fieldsOf(request, reply), statusCode: reply.statusCode };
    if (error) {
      this.#told.add(reply.raw);
      reply.log.error({ ...fields, err: error }, 'request errored');
    } else {
      reply.log.info(fields, 'request completed');
    }
  }

  #fieldsOf(request: FastifyRequest, { elapsedTime }: FastifyReply) {
    return {
      method: request.method,
      url: this.urls.of(request),
      responseTime: elapsedTime,
      remoteAddress: clientAddress(request),
    };
  }
}
