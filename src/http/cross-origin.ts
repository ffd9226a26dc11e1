import type { IncomingMessage } from 'node:http';
import type { FastifyInstance } from 'fastify';

/** What scripts of a listed origin may read of an answer, beside the headers that the Fetch Standard lets everybody read. */
const EXPOSED = 'Allow, Content-Disposition, ETag, Location, Retry-After, X-authentik-id';

const PREFLIGHT_ANSWER = {
  'access-control-allow-methods': 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS',
  'access-control-allow-headers':
    'Accept, Accept-Language, Authorization, Content-Type, If-Match, If-Modified-Since, If-None-Match, If-Unmodified-Since',
  // Seconds: a listed origin that is taken off the list is asked about again soon.
  'access-control-max-age': '600',
} as const;

export type CrossOrigin = ReturnType<typeof crossOrigin>;

/**
 * Lets scripts of the listed origins call, and of no other (Fetch Standard, "CORS protocol"). There are no cookies, so that
 * credentials are never allowed: a script sends its token itself.
 *
 * @param origins scheme, host and port, as browsers write them in the Origin header; none of them switches it all off
 */
export function crossOrigin(origins: readonly string[]) {
  const listed = new Set(origins);
  const isListed = (origin: string | undefined): origin is string => origin !== undefined && listed.has(origin);

  return {
    /** What the answer to a request says to the origin that it came from. */
    headersFor({ headers }: IncomingMessage): Readonly<Record<string, string>> {
      if (listed.size === 0) {
        return {};
      }
      // Also for others: what is answered to them is not for a listed origin, should anybody keep it.
      return isListed(headers.origin)
        ? {
            vary: 'Origin',
            'access-control-allow-origin': headers.origin,
            'access-control-expose-headers': EXPOSED,
          }
        : { vary: 'Origin' };
    },

    /**
     * Answers the preflights of listed origins, in front of the dialects. To those, any other OPTIONS is a request of their own
     * (contract §2.1, rule 9); so is a preflight of another origin, whose answer lets its browser do nothing.
     */
    answerPreflights(app: FastifyInstance): void {
      if (listed.size === 0) {
        return;
      }
      app.addHook('onRequest', (request, reply, done) => {
        const { origin, 'access-control-request-method': wanted } = request.headers;
        if (request.method === 'OPTIONS' && wanted !== undefined && isListed(origin)) {
          reply.code(204).headers(PREFLIGHT_ANSWER).send();
        } else {
          done();
        }
      });
      app.addHook('onSend', (_request, reply, _payload, done) => {
        const vary = String(reply.getHeader('vary') ?? '');
        // A dialect says by itself what its answers depend on, in place of ours.
        if (!/(^|,)\s*(origin|\*)\s*(,|$)/i.test(vary)) {
          reply.header('vary', vary === '' ? 'Origin' : `${vary}, Origin`);
        }
        done();
      });
    },
  };
}
