import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Dialect } from './dialect.ts';
import { ignoreBodies } from './ignore-bodies.ts';

/** What Node says of a request that it can't read. */
interface ClientError extends Error {
  readonly code?: string;
  /** The bytes at hand, from the beginning of the request unless its line was read before. */
  readonly rawPacket?: unknown;
}

const STATUS_BY_CODE: Readonly<Record<string, number>> = {
  ERR_HTTP_REQUEST_TIMEOUT: 408,
  HPE_HEADER_OVERFLOW: 431,
};

/** Answers, in the shape of the path's dialect, what never gets as far as a route. */
export function belowRouting(dialects: readonly [Dialect, ...Dialect[]]) {
  const dialectOf = (path: string) => dialects.find((dialect) => dialect.owns(path)) ?? dialects[0];

  return {
    /** For Fastify's `frameworkErrors`: a path that can't be decoded, or is too long. */
    frameworkErrors(error: { statusCode?: number }, request: FastifyRequest, reply: FastifyReply): void {
      const status = error.statusCode ?? 400;
      const { contentType, body } = dialectOf(pathOf(request.url)).answerUnrouted(pathOf(request.url), status);
      reply.code(status).header('content-type', contentType).send(body);
    },

    /** For Fastify's `clientErrorHandler`: a broken request line, headers beyond the limit, a request that does not end in time. */
    clientErrorHandler(error: ClientError, socket: Socket): void {
      if (error.code === 'ECONNRESET' || !socket.writable) {
        socket.destroy();
        return;
      }
      const status = STATUS_BY_CODE[error.code ?? ''] ?? 400;
      const packet = Buffer.isBuffer(error.rawPacket) ? error.rawPacket.toString('latin1') : '';
      const path = pathOf(/^[A-Z]+ (\S+)/.exec(packet)?.[1] ?? '');
      const { contentType, body } = dialectOf(path).answerUnrouted(path, status);
      const head = [
        `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
        `Content-Type: ${contentType}`,
        `Content-Length: ${Buffer.byteLength(body)}`,
        'Connection: close',
      ];
      socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
    },

    /** A plugin: the answer to paths that are no route, whatever is sent to them. */
    async notFound(app: FastifyInstance): Promise<void> {
      ignoreBodies(app);
      app.setNotFoundHandler((request, reply) => dialectOf(pathOf(request.url)).answerNotFound(request, reply));
    },
  };
}

function pathOf(url: string): string {
  return url.split('?', 1)[0] ?? '';
}
