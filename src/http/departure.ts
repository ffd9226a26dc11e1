import type { FastifyReply } from 'fastify';

/** Aborted when the client leaves before its answer is sent, also where it had left already. */
export function departureSignal(reply: FastifyReply): AbortSignal {
  const departure = new AbortController();
  const { socket } = reply.request.raw;
  const end = () => {
    socket.off('close', end);
    if (!reply.raw.writableFinished) {
      departure.abort();
    }
  };
  if (socket.destroyed || reply.raw.destroyed) {
    end();
    return departure.signal;
  }
  // An answer that waits behind another one on its connection is not told that this broke. As many may wait as the client likes.
  socket.setMaxListeners(0);
  socket.once('close', end);
  reply.raw.once('close', end);
  return departure.signal;
}
