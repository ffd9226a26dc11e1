import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';

/** A way to a database that can stop passing anything on, as a network does that loses every packet: nothing is refused or ended. */
export interface StallingProxy {
  /** The database's URL by way of the proxy. */
  readonly url: string;
  /** Passes nothing on any more, neither there nor back. */
  stall(): void;
  /** Passes on what was held back, and what follows. */
  resume(): void;
  /** Passes on what the database says only after so many milliseconds. */
  slowDown(delay: number): void;
  /** How many bytes arrived at the proxy for the database since it was stalled. */
  heldBack(): number;
  close(): Promise<void>;
}

/** Opens a way to the database that `url` names. */
export async function startStallingProxy(url: string): Promise<StallingProxy> {
  const sockets = new Set<Socket>();
  const held: (() => void)[] = [];
  let stalled = false;
  let heldBytes = 0;
  let delay = 0;

  function pass(from: Socket, to: Socket, isRequest: boolean): void {
    const whenOpen = (act: () => void) => (stalled ? void held.push(act) : act());
    from.on('data', (chunk) => {
      heldBytes += stalled && isRequest ? chunk.length : 0;
      const write = () => whenOpen(() => to.write(chunk));
      if (delay > 0 && !isRequest) {
        setTimeout(write, delay);
      } else {
        write();
      }
    });
    from.on('close', () => whenOpen(() => to.destroy()));
    from.on('error', () => {});
    sockets.add(from);
    from.once('close', () => sockets.delete(from));
  }

  const server = createServer((client) => {
    const database = connect(addressOf(url));
    pass(client, database, true);
    pass(database, client, false);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  return {
    url: urlBy(url, (server.address() as AddressInfo).port),
    stall() {
      stalled = true;
      heldBytes = 0;
    },
    resume() {
      stalled = false;
      for (const act of held.splice(0)) {
        act();
      }
    },
    slowDown(milliseconds) {
      delay = milliseconds;
    },
    heldBack: () => heldBytes,
    async close() {
      for (const socket of sockets) {
        socket.destroy();
      }
      server.close();
      await once(server, 'close');
    },
  };
}

function addressOf(url: string) {
  const { hostname, port, searchParams } = new URL(url);
  const directory = searchParams.get('host');
  return directory?.startsWith('/')
    ? { path: join(directory, `.s.PGSQL.${port || '5432'}`) }
    : { host: directory ?? hostname, port: Number(port || '5432') };
}

function urlBy(url: string, port: number): string {
  const by = new URL(url);
  by.searchParams.delete('host');
  by.host = `127.0.0.1:${port}`;
  return by.toString();
}
