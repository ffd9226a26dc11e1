import { once } from 'node:events';
import { connect, type NetConnectOpts, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import { startServer, type TestServer } from '../../support/server.ts';
import { until } from '../../support/until.ts';

/** A server that tells of each connection when it ended, by the port that its client has. */
export interface WatchedServer {
  readonly server: TestServer;
  readonly closed: ReadonlyMap<number, Promise<void>>;
}

/** Starts a server that gives a request so many milliseconds; its caller ends it. */
export async function startWatched(requestTimeoutMs: number): Promise<WatchedServer> {
  const closed = new Map<number, Promise<void>>();
  const server = await startServer({ requestTimeoutMs }, undefined, (app) => {
    app.server.on('connection', (socket) => {
      closed.set(socket.remotePort as number, new Promise((resolve) => socket.once('close', () => resolve())));
    });
  });
  return { server, closed };
}

/**
 * Uses a connection of its own and tells, as the server sees it, how many milliseconds that connection lived.
 *
 * @param options of the client's socket
 */
export async function lifeOf(
  { server, closed }: WatchedServer,
  use: (client: Socket) => void,
  options: Pick<NetConnectOpts, 'onread'> = {},
): Promise<number> {
  const { hostname, port } = new URL(server.url);
  const client = connect({ host: hostname, port: Number(port), ...options });
  client.on('error', () => {});
  onTestFinished(() => void client.destroy());
  await once(client, 'connect');
  const begin = performance.now();
  use(client);
  await until(() => closed.has(client.localPort as number));
  await closed.get(client.localPort as number);
  return performance.now() - begin;
}

/** How a request of the superuser begins. */
export function headOf({ token }: TestServer, line: string): string {
  return `${line} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\n`;
}
