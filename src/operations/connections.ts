import type { FastifyInstance } from 'fastify';

/**
 * Ends every connection once the last request in flight is answered after `app.close()`. Node's own close waits for the client where
 * a connection was opened and has not sent a request yet, and where one became idle after the close: up to the keep-alive timeout.
 */
export function endConnectionsOnClose(app: FastifyInstance): void {
  let inFlight = 0;
  let closing = false;
  const endWhenIdle = () => {
    if (closing && inFlight === 0) {
      app.server.closeAllConnections();
    }
  };
  app.server.on('request', (_request, response) => {
    inFlight++;
    response.once('close', () => {
      inFlight--;
      endWhenIdle();
    });
  });
  app.server.on('connection', endWhenIdle);
  app.addHook('preClose', async () => {
    closing = true;
    endWhenIdle();
  });
}
