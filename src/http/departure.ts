import type { FastifyReply } from 'fastify';

/** Aborted when the client leaves before its answer is sent, also where it had left already. */
export function departureSignal(reply: FastifyReply): AbortSignal {
  const departure = new AbortController();
  const check = () => {
    if (!reply.raw.writableFinished) {
      departure.abort();
    }
  };
  if (reply.raw.destroyed || reply.raw.closed) {
    check();
  }
  reply.raw.once('close', check);
  return departure.signal;
}
