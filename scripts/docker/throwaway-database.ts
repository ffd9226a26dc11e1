import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { startEmbeddedPostgres } from '../../src/database/embedded/index.ts';

export interface ThrowawayDatabase {
  readonly url: string;
  /** Lets nobody connect and ends the connections that there are, as if the database had gone. */
  goAway(): Promise<void>;
  comeBack(): Promise<void>;
  stop(): Promise<void>;
}

const silent = { info() {}, warn() {}, error() {} };

/**
 * A PostgreSQL that any user of this machine reaches over TCP, while it runs: the embedded one's socket is closed to all users but
 * its own, and the image's user is another.
 */
export async function startThrowawayDatabase(dataDirectory: string): Promise<ThrowawayDatabase> {
  const embedded = await startEmbeddedPostgres({ dataDirectory, log: silent });
  const { searchParams, pathname } = new URL(embedded.url);
  const socketPath = join(searchParams.get('host') ?? '', '.s.PGSQL.5432');
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const postgres = connect(socketPath);
    for (const [socket, other] of [
      [client, postgres],
      [postgres, client],
    ] as const) {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => {
        sockets.delete(socket);
        other.destroy();
      });
      socket.pipe(other);
    }
  });
  const listen = async (port: number) => {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    return (server.address() as AddressInfo).port;
  };
  const goAway = async () => {
    if (server.listening) {
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) {
        socket.destroy();
      }
      await closed;
    }
  };
  const port = await listen(0);
  return {
    url: `postgresql://postgres@127.0.0.1:${port}${pathname}?sslmode=disable`,
    goAway,
    async comeBack() {
      await listen(port);
    },
    async stop() {
      await goAway();
      await embedded.stop();
    },
  };
}
