import { Agent, request as httpRequest, type RequestOptions } from 'node:http';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { PAIRS } from '../../support/server.ts';
import type { Answer, Target } from './client.ts';

const NANOSECONDS = 1e6;

/** A request whose bytes are ready: making a megabyte of them would be measured as the server's work. */
export interface ReadyRequest {
  readonly method: string;
  /** Below the pairs' path. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Buffer;
}

/** What one client met while something else went on. */
export interface Witness<T> {
  readonly result: T;
  readonly statuses: readonly number[];
  /** In milliseconds, one for each read. */
  readonly durations: readonly number[];
  /** The longest time in milliseconds for which the event loop, which is the server's and the clients', served nobody. */
  readonly longestBlock: number;
}

/**
 * Sends a request on a connection of its own, or of the agent's.
 *
 * @throws {Error} where the connection broke before the whole answer came
 */
export function sendReady(target: Target, ready: ReadyRequest, agent = new Agent()): Promise<Answer> {
  const { method, path, headers = {}, body } = ready;
  const { hostname, port } = new URL(target.url);
  const options: RequestOptions = {
    hostname,
    port,
    // As it stands: what makes a URL of it would escape it.
    path: PAIRS + path,
    method,
    agent,
    headers: {
      authorization: `Bearer ${target.token}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json', 'content-length': body.length }),
      ...headers,
    },
  };
  return new Promise((resolve, reject) => {
    const sent = httpRequest(options, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString() }));
    });
    // After an answer that came early, the rest of the body may meet a closed connection; the promise is kept by then.
    sent.on('error', reject);
    sent.end(body);
  });
}

/**
 * Does something while another client reads again and again, on one connection that is its own.
 *
 * @param path of what is read, below the pairs' path
 * @throws what `act` throws, or {Error} where a read got no whole answer
 */
export async function readBeside<T>(target: Target, path: string, act: () => Promise<T>): Promise<Witness<T>> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const statuses: number[] = [];
  const durations: number[] = [];
  const delay = monitorEventLoopDelay({ resolution: 1 });
  let reading = true;
  const read = async () => {
    while (reading) {
      const begin = performance.now();
      const { status } = await sendReady(target, { method: 'GET', path }, agent);
      durations.push(performance.now() - begin);
      statuses.push(status);
    }
  };
  delay.enable();
  const reads = read();
  try {
    const result = await act();
    reading = false;
    await reads;
    return { result, statuses, durations, longestBlock: delay.max / NANOSECONDS };
  } finally {
    reading = false;
    delay.disable();
    await reads.catch(() => {});
    agent.destroy();
  }
}

/** The value that 99 of 100 do not exceed (nearest rank); of fewer than a hundred the largest. */
export function p99(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.ceil(values.length * 0.99) - 1] ?? Number.NaN;
}
