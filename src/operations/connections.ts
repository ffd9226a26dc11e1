import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';

/** A client that has not sent its whole request by then, may never. */
const PATIENCE_MS = 3000;

/**
 * Ends every connection once the last request in flight is answered after `app.close()`. Node's own close waits for the client where
 * a connection was opened and has not sent a request yet, and where one became idle after the close: up to the keep-alive timeout.
 */
export function endConnectionsOnClose(app: FastifyInstance): void {
  const inFlight = new Map<Socket, Set<IncomingMessage>>();
  let closing = false;
  const endWhenIdle = () => {
    if (closing && [...inFlight.values()].every((requests) => requests.size === 0)) {
      app.server.closeAllConnections();
    }
  };
  app.server.on('connection', (socket: Socket) => {
    inFlight.set(socket, new Set());
    // The answers that wait behind another one on this connection never tell that it broke: they had not got it yet.
    socket.once('close', () => {
      inFlight.delete(socket);
      endWhenIdle();
    });
    endWhenIdle();
  });
  app.server.on('request', (request, response) => {
    inFlight.get(request.socket)?.add(request);
    response.once('close', () => {
      inFlight.get(request.socket)?.delete(request);
      endWhenIdle();
    });
  });
  const endUnfinished = () => {
    for (const request of [...inFlight.values()].flatMap((requests) => [...requests])) {
      if (!request.complete) {
        request.destroy();
      }
    }
  };
  app.addHook('preClose', async () => {
    closing = true;
    endWhenIdle();
    setTimeout(endUnfinished, PATIENCE_MS).unref();
  });
}
