import { connect } from 'node:net';
import type { TestServer } from '../../../../support/server.ts';
import type { Answer } from './refusal.ts';

/** Sends bytes, Latin-1, on a connection of its own; the answer is all that comes back until the server ends it. */
export async function exchange(server: TestServer, bytes: string): Promise<Answer> {
  return read(await converse(server, bytes));
}

/** As {@link exchange}, for a connection on which more than one request is answered. */
export async function exchangeAll(server: TestServer, bytes: string): Promise<Answer[]> {
  return (await converse(server, bytes)).split(/(?=HTTP\/1\.1 \d{3} )/).map(read);
}

async function converse(server: TestServer, bytes: string): Promise<string> {
  const { hostname, port } = new URL(server.url);
  return new Promise<string>((resolve, reject) => {
    let text = '';
    const socket = connect(Number(port), hostname, () => socket.write(bytes, 'latin1'));
    socket.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
    socket.on('close', () => resolve(text));
    socket.on('error', reject);
  });
}

function read(received: string): Answer {
  const end = received.indexOf('\r\n\r\n');
  const [line = '', ...headers] = received.slice(0, end).split('\r\n');
  const pairs = headers.map((header) => {
    const colon = header.indexOf(':');
    return [header.slice(0, colon).toLowerCase(), header.slice(colon + 1).trim()] as const;
  });
  return {
    status: Number(line.split(' ')[1]),
    headers: Object.fromEntries(pairs),
    text: received.slice(end + 4),
  };
}
