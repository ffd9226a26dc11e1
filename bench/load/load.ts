import autocannon from 'autocannon';
import { quantile } from '../statistics.ts';

export interface Target {
  readonly url: string;
  readonly token: string;
}

export interface Wanted {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  /** Of the nth request. */
  body?(n: number): string;
}

export interface Load {
  /** Answers in a second. */
  readonly throughput: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
}

let bodies = 0;

/** When a load ends: after so many seconds, with requests in flight, or after so many answers, with none. */
export type Extent = { readonly seconds: number } | { readonly amount: number };

/**
 * Sends requests over so many connections, each one after the answer to the one before.
 *
 * @throws {Error} where an answer is none of success: what fails fast would be measured as fast
 */
export async function load(
  { url, token }: Target,
  { method, path, body }: Wanted,
  { connections = 16, extent = { seconds: 2 } }: { connections?: number; extent?: Extent } = {},
): Promise<Load> {
  const begin = performance.now();
  const run = autocannon({
    url,
    connections,
    ...('amount' in extent ? extent : { duration: extent.seconds }),
    sampleInt: 100,
    headers: {
      authorization: `Bearer ${token}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    requests: [
      body === undefined
        ? { method, path }
        : { method, path, setupRequest: (request) => ({ ...request, body: body(bodies++) }) },
    ],
  });
  // Its own figures are of whole milliseconds, and most answers take less than two; and it ends up to a tenth of a second late.
  const waits: number[] = [];
  let end = begin;
  run.on('response', (_client, _statusCode, _bytes, milliseconds) => {
    waits.push(milliseconds);
    end = performance.now();
  });
  const { non2xx, errors } = await run;
  if (non2xx > 0 || errors > 0) {
    throw new Error(`${method} ${path}: ${non2xx} answers of no success, ${errors} errors`);
  }
  return {
    throughput: (waits.length / (end - begin)) * 1000,
    p50: quantile(waits, 0.5),
    p99: quantile(waits, 0.99),
  };
}
