import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** One answer as it came, in the words of RFC 9112. */
export interface WireAnswer {
  readonly status: number;
  /** By their names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

export interface Connection {
  /**
   * Sends a request, byte for byte as it is given, and reads one answer: an interim one too.
   *
   * @param head its lines, without `Host`
   */
  send(head: readonly string[], body?: string): Promise<WireAnswer>;
  /** Sends bytes and waits for the next answer. */
  write(bytes: string): Promise<WireAnswer>;
  readonly isOpen: boolean;
  close(): void;
}

/** A TCP connection to a server, on which nothing is added, removed or repeated as a library for HTTP would. */
export async function openConnection(url: string): Promise<Connection> {
  const { hostname, port, host } = new URL(url);
  const socket = connect(Number(port), hostname);
  await once(socket, 'connect');
  const received = receive(socket);
  const exchange = async (bytes: string, isHead: boolean) => {
    socket.write(bytes);
    return received.answer(isHead);
  };
  return {
    send: ([line = '', ...headers], body = '') =>
      exchange(`${[line, `Host: ${host}`, ...headers].join('\r\n')}\r\n\r\n${body}`, line.startsWith('HEAD ')),
    write: (bytes) => exchange(bytes, false),
    get isOpen() {
      return !received.isEnded();
    },
    close: () => socket.destroy(),
  };
}

/** A request of its own on a connection of its own. */
export async function sendAlone(url: string, head: readonly string[], body = ''): Promise<WireAnswer> {
  const connection = await openConnection(url);
  try {
    return await connection.send(head, body);
  } finally {
    connection.close();
  }
}

function receive(socket: Socket) {
  let buffered = Buffer.alloc(0);
  let ended = false;
  let wake = () => {};
  socket.on('data', (chunk: Buffer) => {
    buffered = Buffer.concat([buffered, chunk]);
    wake();
  });
  socket.on('close', () => {
    ended = true;
    wake();
  });
  socket.on('error', () => {});

  async function take(length: () => number | undefined): Promise<Buffer> {
    for (;;) {
      const wanted = length();
      if (wanted !== undefined && buffered.length >= wanted) {
        const taken = buffered.subarray(0, wanted);
        buffered = buffered.subarray(wanted);
        return taken;
      }
      if (ended) {
        throw new Error(`the connection ended behind ${JSON.stringify(buffered.toString().slice(0, 200))}`);
      }
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  }

  return {
    isEnded: () => ended,
    async answer(isHead: boolean): Promise<WireAnswer> {
      const head = await take(() => {
        const end = buffered.indexOf('\r\n\r\n');
        return end === -1 ? undefined : end + 4;
      });
      const [line = '', ...fields] = head.toString('latin1').trimEnd().split('\r\n');
      const headers = Object.fromEntries(fields.map((field) => divided(field)));
      if (headers['transfer-encoding'] !== undefined) {
        throw new Error('chunks are not read here');
      }
      const length = isHead ? 0 : Number(headers['content-length'] ?? 0);
      return { status: Number(line.split(' ')[1]), headers, text: (await take(() => length)).toString() };
    },
  };
}

function divided(field: string): [string, string] {
  const colon = field.indexOf(':');
  return [field.slice(0, colon).toLowerCase(), field.slice(colon + 1).trim()];
}
