import type { IncomingMessage } from 'node:http';
import type { FastifyInstance } from 'fastify';

/** A client that has not sent its whole request by then, may never. */
const PATIENCE_MS = 3000;

/**
 * Ends every connection once the last request in flight is answered after `app.close()`. Node's own close waits for the client where
 * a connection was opened and has not sent a request yet, and where one became idle after the close: up to the keep-alive timeout.
 */
export function endConnectionsOnClose(app: FastifyInstance): void {
  const inFlight = new Set<IncomingMessage>();
  let closing = false;
  const endWhenIdle = () => {
    if (closing && inFlight.size === 0) {
      app.server.closeAllConnections();
    }
  };
  app.server.on('request', (request, response) => {
    inFlight.add(request);
    response.once('close', () => {
      inFlight.delete(request);
      endWhenIdle();
    });
  });
  const endUnfinished = () => {
    for (const request of inFlight) {
      if (!request.complete) {
        request.destroy();
      }
    }
  };
  app.server.on('connection', endWhenIdle);
  app.addHook('preClose', async () => {
    closing = true;
    endWhenIdle();
    setTimeout(endUnfinished, PATIENCE_MS).unref();
  });
}
