import { connect } from 'node:net';

export interface RawAnswer {
  readonly status: number;
  /** By their names in lower case. */
  readonly headers: Record<string, string>;
  readonly text: string;
}

/**
 * Sends text as it stands on a connection of its own.
 *
 * @param url of the server
 * @returns what comes back until the connection's end
 */
export function sendRaw(url: string, text: string): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname, () => socket.write(text));
    let received = '';
    socket.setEncoding('utf8').on('data', (chunk: string) => {
      received += chunk;
    });
    socket.on('error', reject).on('end', () => {
      const [head = '', body = ''] = received.split('\r\n\r\n');
      const [line = '', ...headers] = head.split('\r\n');
      resolve({
        status: Number(line.split(' ')[1]),
        headers: Object.fromEntries(headers.map((header) => header.toLowerCase().split(': ') as [string, string])),
        text: body,
      });
    });
  });
}
