import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import type { Journey } from '../pace.ts';

/** Together more than the system takes for a client that does not read. */
const LONG_ANSWERS = 12;
const UNREAD_MS = 2000;

/**
 * Clients that behave badly, each on a connection of its own, which it breaks.
 *
 * @param long the path of an answer of nearly a megabyte
 * @param list the path of an answer that takes a while
 */
export function disturbances(url: string, authorization: string, { long, list }: { long: string; list: string }) {
  const head = (line: string) => `${line} HTTP/1.1\r\nHost: x\r\nAuthorization: ${authorization}\r\n`;

  const slowReader: Journey = {
    name: 'disturbance: answers that nobody reads for long',
    requests: LONG_ANSWERS,
    run: () =>
      broken(url, async (socket) => {
        socket.write(`${head(`GET ${long}`)}\r\n`.repeat(LONG_ANSWERS));
        await wait(UNREAD_MS);
        socket.resume();
        await once(socket, 'data');
      }),
  };

  const abortedRequest: Journey = {
    name: 'disturbance: a client that leaves before its answer',
    requests: 1,
    run: () =>
      broken(url, async (socket) => {
        socket.write(`${head(`GET ${list}`)}\r\n`);
        await wait(Math.random() * 10);
      }),
  };

  const halfBody: Journey = {
    name: 'disturbance: a client that leaves within its body',
    requests: 1,
    run: () =>
      broken(url, async (socket) => {
        const body = 'Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n{"name": "half';
        socket.write(head(`POST ${list.split('?', 1)[0]}`) + body);
        await wait(20);
      }),
  };

  return { slowReader, abortedRequest, halfBody };
}

async function broken(url: string, use: (socket: Socket) => Promise<void>): Promise<void> {
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port) });
  socket.on('error', () => {});
  try {
    await once(socket, 'connect');
    await use(socket);
  } finally {
    socket.destroy();
  }
}
