import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FastifyInstance } from 'fastify';
import { Gauge, Histogram, type Registry } from 'prom-client';

/** Measures the requests of an app. */
export interface RequestMetrics {
  /** To be called before the app has any other hook: whoever answers in one would hide the route from this. */
  measure(app: FastifyInstance): void;
  /**
   * Counts an answer that was written past Node's responses.
   *
   * @param request whose answer it was; undefined where its head could not be read
   */
  onRefusal(status: number, request: IncomingMessage | undefined): void;
}

/** Those that OpenTelemetry's semantic conventions for HTTP advise, in seconds. */
const BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];

/** The methods that these conventions name (RFC 9110 §9, RFC 5789); clients may invent others without end. */
const METHODS = new Set(['CONNECT', 'DELETE', 'GET', 'HEAD', 'OPTIONS', 'PATCH', 'POST', 'PUT', 'TRACE']);
const OTHER_METHOD = '_OTHER';

/** A route's template begins with a slash. */
const NO_ROUTE = 'unmatched';

/** Prometheus takes an empty label for none, as the conventions want it where no status was sent. */
const NO_STATUS = '';

/** Metrics of requests by OpenTelemetry's names (semantic conventions, HTTP metrics), in Prometheus' spelling. */
export function requestMetrics(registry: Registry): RequestMetrics {
  const durations = new Histogram({
    name: 'http_server_request_duration_seconds',
    help: 'How long requests took, from their head to the end of the answer or of the connection.',
    labelNames: ['http_request_method', 'http_route', 'http_response_status_code'],
    buckets: BUCKETS,
    registers: [registry],
  });
  const active = new Gauge({
    name: 'http_server_active_requests',
    help: 'Requests that are being answered.',
    registers: [registry],
  });
  const routes = new WeakMap<IncomingMessage, string>();
  const refusals = new WeakMap<IncomingMessage, number>();

  function observe(method: string, route: string, status: number | string, seconds: number): void {
    const labels = { http_request_method: method, http_route: route, http_response_status_code: status };
    durations.observe(labels, seconds);
  }

  function begin(request: IncomingMessage, response: ServerResponse): void {
    const began = performance.now();
    const { method = '' } = request;
    active.inc();
    whenOver(request, response, () => {
      active.dec();
      const status = response.headersSent ? response.statusCode : (refusals.get(request) ?? NO_STATUS);
      const known = METHODS.has(method) ? method : OTHER_METHOD;
      observe(known, routes.get(request) ?? NO_ROUTE, status, (performance.now() - began) / 1000);
    });
  }

  return {
    measure(app) {
      app.server.prependListener('request', begin);
      app.server.prependListener('checkExpectation', begin);
      app.addHook('onRequest', ({ raw, is404, routeOptions }, _reply, done) => {
        if (!is404 && routeOptions.url !== undefined) {
          routes.set(raw, templateOf(routeOptions.url));
        }
        done();
      });
    },
    onRefusal(status, request) {
      if (request === undefined) {
        observe(OTHER_METHOD, NO_ROUTE, status, 0);
      } else {
        refusals.set(request, status);
      }
    },
  };
}

/** A route's path without what its parameters must look like: `/pairs/:id(^[^/.]+$)/` is `/pairs/:id/`. */
function templateOf(path: string): string {
  return path.replaceAll(/(:\w+)\((?:[^()]|\([^()]*\))*\)/g, '$1');
}

/** Calls back once, when a response was sent or its connection is gone. */
function whenOver({ socket }: IncomingMessage, response: ServerResponse, over: () => void): void {
  // A response that waits behind another one on its connection is not told that this broke. As many may wait as the client likes.
  const waits = response.socket === null;
  let isOver = false;
  const end = () => {
    socket.off('close', end);
    if (!isOver) {
      isOver = true;
      over();
    }
  };
  response.once('close', end);
  if (waits) {
    socket.setMaxListeners(0).once('close', end);
  }
}
