import type { Socket } from 'node:net';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

/** Octets that answers under way may hold together: several of the largest that there are, a bundle of 32 MiB. */
const BUDGET = 128 * 1024 * 1024;
/** Octets of an answer that is always sent: of these it takes thousands to make a difference. */
const SMALL = 64 * 1024;
const RETRY_AFTER_SECONDS = 1;
/** They speak of what is not sent after all. */
const HEADERS_OF_THE_CONTENT = ['content-disposition', 'content-length', 'etag', 'last-modified'] as const;

export interface UnsentAnswersOptions {
  /** Octets; 128 MiB unless it is given. */
  readonly budget?: number | undefined;
  /** What a request is told in place of its answer, in the shape of its path's dialect. */
  wordRefusal(request: FastifyRequest, status: 503): { readonly contentType: string; readonly body: Buffer };
}

/**
 * Bounds what all clients together leave unread. An answer waits in memory, whole, until its client has taken it, and a
 * client that reads slowly pays nothing for that. A large answer beyond the budget is 503 with Retry-After in its place; what changes something is answered in any
 * case, since it is done.
 */
export function boundUnsentAnswers(app: FastifyInstance, { budget = BUDGET, wordRefusal }: UnsentAnswersOptions): void {
  const unsent = unsentOctets();
  app.addHook('onSend', (request, reply, payload, done) => {
    const octets = sizeOf(payload);
    if (octets <= SMALL) {
      done(null, payload);
    } else if (isRead(request) && unsent.total() > 0 && unsent.total() + octets > budget) {
      request.log.warn({ octets, unsent: unsent.total() }, 'an answer is refused: clients leave too many unread');
      done(null, refuse(reply, wordRefusal(request, 503)));
    } else {
      unsent.hold(reply, octets);
      done(null, payload);
    }
  });
}

/** What each connection has yet to take. */
function unsentOctets() {
  const bySocket = new Map<Socket, number>();
  let total = 0;
  const add = (socket: Socket, octets: number) => {
    bySocket.set(socket, (bySocket.get(socket) ?? 0) + octets);
    total += octets;
  };
  return {
    total: () => total,
    hold({ raw, request: { socket } }: FastifyReply, octets: number): void {
      if (socket.destroyed) {
        return;
      }
      if (!bySocket.has(socket)) {
        // Answers that wait behind another one on a connection that breaks never tell.
        socket.once('close', () => {
          total -= bySocket.get(socket) ?? 0;
          bySocket.delete(socket);
        });
      }
      add(socket, octets);
      raw.once('close', () => {
        if (bySocket.has(socket)) {
          add(socket, -octets);
        }
      });
    },
  };
}

function refuse(reply: FastifyReply, { contentType, body }: { contentType: string; body: Buffer }): Buffer {
  for (const name of HEADERS_OF_THE_CONTENT) {
    reply.removeHeader(name);
  }
  reply.code(503).header('retry-after', RETRY_AFTER_SECONDS).header('content-type', contentType);
  return body;
}

function isRead({ method }: FastifyRequest): boolean {
  return method === 'GET' || method === 'HEAD';
}

/** 0 of what comes piece by piece. */
function sizeOf(payload: unknown): number {
  if (typeof payload === 'string') {
    return Buffer.byteLength(payload);
  }
  return Buffer.isBuffer(payload) ? payload.length : 0;
}
