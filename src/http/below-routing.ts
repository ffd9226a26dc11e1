import { randomUUID } from 'node:crypto';
import { type IncomingMessage, type Server, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { CrossOrigin } from './cross-origin.ts';
import type { Dialect } from './dialect.ts';
import { ignoreBodies } from './ignore-bodies.ts';
import { Throttled } from './rate-limits.ts';
import { SECURITY_HEADERS } from './security-headers.ts';

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

/** The last request of a connection that was read up to its body. */
interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

/**
 * Answers, in the shape of the path's dialect, what never gets as far as a route; and gives every answer the headers that all have.
 *
 * @param dialects the first that owns a path answers there
 * @param main answers where no path is known, and on paths that no other owns
 * @param onRefusal told of each answer that goes out by no response of Node's; of a request where its head was read
 */
export function belowRouting(
  dialects: readonly Dialect[],
  main: Dialect,
  origins: CrossOrigin,
  onRefusal: (status: number, request: IncomingMessage | undefined) => void = () => {},
) {
  const exchanges = new WeakMap<Socket, Exchange>();
  const headersFor = (request: IncomingMessage | undefined) => ({
    ...SECURITY_HEADERS,
    ...(request === undefined ? {} : origins.headersFor(request)),
  });
  const dialectOf = (path: string | undefined) =>
    dialects.find((dialect) => path !== undefined && dialect.owns(path)) ?? main;
  const newRequestId = (path: string | undefined) => {
    const uuid = randomUUID();
    return dialectOf(path).requestIdForm === 'uuid' ? uuid : uuid.replaceAll('-', '');
  };
  const answer = (path: string | undefined, status: number, requestId = newRequestId(path)) => {
    const { contentType, body } = dialectOf(path).answerUnrouted(path, status, requestId);
    // As bytes: Fastify adds a charset to the type of a string.
    return { contentType, body: Buffer.from(body) };
  };

  const respond = (request: FastifyRequest, reply: FastifyReply, status: number) => {
    const { contentType, body } = answer(pathOf(request.url), status, request.id);
    return reply.code(status).header('content-type', contentType).send(body);
  };

  /**
   * Answers where there is no response to write to, and closes the connection.
   *
   * @param request none where its head was not read
   */
  const refuse = (socket: Socket, path: string | undefined, status: number, request?: IncomingMessage) => {
    if (!socket.writable) {
      socket.destroy();
      return;
    }
    onRefusal(status, request);
    const { contentType, body } = answer(path, status);
    const head = [
      `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
      `Content-Type: ${contentType}`,
      `Content-Length: ${body.length}`,
      'Connection: close',
      ...Object.entries(headersFor(request)).map(([name, value]) => `${name}: ${value}`),
    ];
    socket.write(Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`), body]));
    // A client that keeps its side open would otherwise keep the connection.
    socket.destroySoon();
  };

  return {
    /** For Fastify's `genReqId`: names a request as the dialect of its path does. */
    requestIdFor: ({ url = '' }: IncomingMessage): string => newRequestId(pathOf(url)),

    /** What the dialect of a request's path says where no route of it has the word. */
    wordRefusal: ({ url, id }: FastifyRequest, status: number) => answer(pathOf(url), status, id),

    /** For Fastify's `rewriteUrl`: the target with its path as the dialect reads it. */
    rewriteUrl({ url = '' }: IncomingMessage): string {
      const path = pathOf(url);
      const canonical = dialectOf(path).canonicalPath?.(path) ?? path;
      return canonical === path ? url : url.replace(path, () => canonical);
    },

    /** For Fastify's `frameworkErrors`: a path that can't be decoded, or is too long. */
    frameworkErrors(error: { statusCode?: number }, request: FastifyRequest, reply: FastifyReply): void {
      respond(request, reply, error.statusCode ?? 400);
    },

    /** For Fastify's `clientErrorHandler`: a broken request line, headers beyond the limit, a request that does not end in time. */
    clientErrorHandler(error: ClientError, socket: Socket): void {
      if (error.code === 'ECONNRESET') {
        socket.destroy();
        return;
      }
      const status = STATUS_BY_CODE[error.code ?? ''] ?? 400;
      const last = exchanges.get(socket);
      if (last === undefined || (last.request.complete && last.response.writableFinished)) {
        refuse(socket, pathOfPacket(error.rawPacket), status);
      } else if (last.request.complete) {
        // A pipelined request: the one before it is answered first.
        last.response.once('close', () => refuse(socket, pathOfPacket(error.rawPacket), status));
      } else if (last.response.headersSent) {
        socket.destroySoon();
      } else {
        refuse(socket, pathOf(last.request.url ?? ''), status, last.request);
      }
    },

    /** What Node would answer by itself with an empty body: an expectation that nobody meets, and HTTP/1.1 without a host. */
    answerForNode(app: FastifyInstance): void {
      const server = app.server as Server;
      server.prependListener('request', (request: IncomingMessage, response: ServerResponse) => {
        exchanges.set(request.socket, { request, response });
        // A dialect's own of the same names come later, and replace them.
        response.setHeaders(new Map(Object.entries(headersFor(request))));
      });
      server.on('checkExpectation', (request: IncomingMessage, response: ServerResponse) => {
        const { contentType, body } = answer(pathOf(request.url ?? ''), 417);
        const headers = { ...headersFor(request), 'content-type': contentType, 'content-length': body.length };
        response.writeHead(417, headers).end(body);
      });
      app.addHook('onRequest', (request, reply, done) => {
        const { rawHeaders, httpVersion } = request.raw;
        // RFC 9112 §3.2: exactly one.
        const hosts = rawHeaders.filter((text, index) => index % 2 === 0 && /^host$/i.test(text)).length;
        if (hosts > 1 || (hosts === 0 && httpVersion === '1.1')) {
          respond(request, reply.header('connection', 'close'), 400);
        } else {
          done();
        }
      });
    },

    /**
     * For Fastify's error handler outside the dialects: of what is no API, such as the page to browse it, and of a dialect that could
     * not answer. Fastify's own handler would be the next, and tells the error's message: so it is answered past Fastify.
     */
    errorOutside(error: { statusCode?: number }, request: FastifyRequest, reply: FastifyReply): void {
      const status = error.statusCode ?? 500;
      request.log[status >= 500 ? 'error' : 'debug']({ err: error }, 'request refused');
      const { raw } = reply.hijack();
      if (raw.headersSent) {
        raw.destroy();
        return;
      }
      const { contentType, body } = answer(pathOf(request.url), status, request.id);
      if (error instanceof Throttled) {
        raw.setHeader('retry-after', error.retryAfterSeconds);
      }
      raw.writeHead(status, { 'content-type': contentType, 'content-length': body.length }).end(body);
    },

    /** A plugin: the answer to paths that are no route, whatever is sent to them. */
    async notFound(app: FastifyInstance): Promise<void> {
      ignoreBodies(app);
      app.setNotFoundHandler((request, reply) => dialectOf(pathOf(request.url)).answerNotFound(request, reply));
    },
  };
}

/** The path of a request target, which may name scheme and host too (RFC 9112 §3.2.2). */
function pathOf(target: string): string {
  return target.replace(/^https?:\/\/[^/?]*/i, '').split('?', 1)[0] ?? '';
}

function pathOfPacket(packet: unknown): string | undefined {
  const line = Buffer.isBuffer(packet) ? /^[A-Z]+ (\S+)/.exec(packet.toString('latin1')) : null;
  return line?.[1] === undefined ? undefined : pathOf(line[1]);
}
