import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { MetricsAddressRefused } from '../errors.ts';
import type { Exposition } from './metrics.ts';

export interface MetricsListenerOptions {
  /** An address. */
  readonly host: string;
  /** 0 for any free one. */
  readonly port: number;
  readonly registry: Exposition;
  readonly log: { error(fields: object, message: string): void };
}

export interface MetricsListener {
  /** Where it answers, without the path. */
  readonly url: string;
  close(): Promise<void>;
}

const PATH = '/metrics';

/** Scrapers are few: more connections are closed at once. */
const MAX_CONNECTIONS = 32;
const REQUEST_TIMEOUT_MS = 5_000;
/** Longer than the reads of the store may keep a scrape waiting, and Prometheus' own patience. */
const QUIET_MS = 15_000;
const MAX_HEADER_BYTES = 8_192;

/**
 * Answers Prometheus at `/metrics`, and nothing else, on a listener of its own: who may reach the API need not reach this. Whether the
 * server is alive or ready is not answered here, since only the API's listener knows whether that one still answers.
 *
 * @throws {MetricsAddressRefused} where the address can't be listened on
 */
export async function openMetricsListener(options: MetricsListenerOptions): Promise<MetricsListener> {
  const { host, port } = options;
  const server = createServer({
    requestTimeout: REQUEST_TIMEOUT_MS,
    headersTimeout: REQUEST_TIMEOUT_MS,
    connectionsCheckingInterval: REQUEST_TIMEOUT_MS / 2,
    maxHeaderSize: MAX_HEADER_BYTES,
  });
  server.maxConnections = MAX_CONNECTIONS;
  server.setTimeout(QUIET_MS);
  server.on('request', answering(options));
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(new MetricsAddressRefused(host, port, error)));
    server.listen({ host, port }, resolve);
  });
  const { port: taken } = server.address() as AddressInfo;
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${taken}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** One text for all who ask while it is made: a connection may ask thousands of times at once, and read nothing. */
function sharedText(registry: Exposition): () => Promise<Buffer> {
  let making: Promise<Buffer> | undefined;
  return () => {
    making ??= registry
      .metrics()
      .then((text) => Buffer.from(text))
      .finally(() => {
        making = undefined;
      });
    return making;
  };
}

function answering({ registry, log }: MetricsListenerOptions): RequestListener {
  const text = sharedText(registry);
  return async (request, response) => {
    // Whatever body there is, nobody reads it.
    request.resume();
    response.setHeader('x-content-type-options', 'nosniff');
    response.setHeader('cache-control', 'no-store');
    if (request.url?.split('?', 1)[0] !== PATH) {
      response.writeHead(404).end();
      return;
    }
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.writeHead(405, { allow: 'GET, HEAD' }).end();
      return;
    }
    try {
      const body = await text();
      response.writeHead(200, { 'content-type': registry.contentType, 'content-length': body.length }).end(body);
    } catch (err) {
      log.error({ err }, 'metrics could not be shown');
      response.writeHead(500).end();
    }
  };
}
