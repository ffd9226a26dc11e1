import autocannon from 'autocannon';

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

/**
 * Sends requests over so many connections, each one after the answer to the one before, for so long.
 *
 * @throws {Error} where an answer is none of success: what fails fast would be measured as fast
 */
export async function load(
  { url, token }: Target,
  { method, path, body }: Wanted,
  { connections = 16, seconds = 2 }: { connections?: number; seconds?: number } = {},
): Promise<Load> {
  const result = await autocannon({
    url,
    connections,
    duration: seconds,
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
  if (result.non2xx > 0 || result.errors > 0) {
    throw new Error(`${method} ${path}: ${result.non2xx} answers of no success, ${result.errors} errors`);
  }
  return {
    throughput: result.requests.total / result.duration,
    p50: result.latency.p50,
    p99: result.latency.p99,
  };
}
