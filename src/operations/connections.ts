import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';

/** A client that has not sent its whole request by then, may never. */
const PATIENCE_MS = 3000;
/** A client that takes nothing of its answer for so long, may never take more. */
const QUIET_MS = 2000;

/** Ends each connection with its next answer while the process drains: whoever calls again comes to another one. */
export function endConnectionsOnDrain(app: FastifyInstance, isDraining: () => boolean): void {
  app.server.on('request', (_request, response) => {
    if (isDraining()) {
      response.shouldKeepAlive = false;
    }
  });
}

/**
 * Ends every connection once the last request in flight is answered after `app.close()`. Node's own close waits for the client where
 * a connection was opened and has not sent a request yet, and where one became idle after the close: up to the keep-alive timeout.
 */
export function endConnectionsOnClose(app: FastifyInstance): void {
  const inFlight = new Map<Socket, Set<ServerResponse>>();
  const served = new WeakSet<Socket>();
  let closing = false;
  const endWhenIdle = () => {
    if (closing && [...inFlight.values()].every((responses) => responses.size === 0)) {
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
  app.server.on('request', ({ socket }, response) => {
    inFlight.get(socket)?.add(response);
    if (closing) {
      socket.setTimeout(QUIET_MS);
    }
    response.once('close', () => {
      served.add(socket);
      inFlight.get(socket)?.delete(response);
      endWhenIdle();
    });
  });
  // Node's own, which its close calls, takes a connection for idle whose answer is still on its way, and cuts that off.
  app.server.closeIdleConnections = () => {
    for (const [socket, responses] of inFlight) {
      if (responses.size === 0 && served.has(socket)) {
        socket.destroy();
      }
    }
  };
  const endUnfinished = () => {
    for (const response of [...inFlight.values()].flatMap((responses) => [...responses])) {
      if (!response.req.complete) {
        response.req.destroy();
      }
    }
  };
  const endQuiet = (socket: Socket) => {
    const responses = [...(inFlight.get(socket) ?? [])];
    if (responses.every(({ writableEnded }) => writableEnded)) {
      socket.destroy();
    } else {
      socket.setTimeout(QUIET_MS);
    }
  };
  app.addHook('preClose', async () => {
    closing = true;
    endWhenIdle();
    setTimeout(endUnfinished, PATIENCE_MS).unref();
    app.server.on('timeout', endQuiet);
    for (const socket of inFlight.keys()) {
      socket.setTimeout(QUIET_MS);
    }
  });
}
