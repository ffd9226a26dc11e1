import type { FastifyRequest } from 'fastify';
import { type Caller, NotAuthenticated } from '../access/index.ts';
import type { Actor, Origin } from '../audit/index.ts';
import { clientAddress } from './client-address.ts';
import { maskEncodedSecrets, maskSecrets } from './masking.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Who calls; undefined without a token. */
    caller: Caller | undefined;
  }
}

/**
 * The caller as whoever does something, with where the request came from.
 *
 * @throws {NotAuthenticated} on a route that lets callers without a token in
 */
export function actorOf(request: FastifyRequest): Actor {
  if (request.caller === undefined) {
    throw new NotAuthenticated();
  }
  const { id, username, tokenId } = request.caller;
  return { id, username, tokenId, ...originOf(request) };
}

/** As authentik cleanses what it tells: the value of a parameter whose name says that it may be secret. */
const SECRET_NAME = /api|auth|token|key|secret|pass|signature/i;
const CLEANSED = '********************';
/** Of a parameter and of the client's name for itself: longer ones are cut. */
const MAX_CHARACTERS = 1024;
const MAX_ARGS = 100;

/** Where a request came from, as events tell it. */
export function originOf(request: FastifyRequest): Origin {
  const [path, query] = splitTarget(request.url);
  // Of a parameter that stands more than once, Django tells the last.
  const args = [...new Map(new URLSearchParams(query))]
    .slice(0, MAX_ARGS)
    .map(([name, value]) => [cut(name), SECRET_NAME.test(name) ? CLEANSED : cut(value)] as const);
  return {
    requestId: request.id,
    address: clientAddress(request),
    http: {
      method: request.method,
      path: cut(maskEncodedSecrets(path)),
      args: Object.fromEntries(args),
      userAgent: cut(request.headers['user-agent'] ?? ''),
    },
  };
}

/** A target may name a scheme and a host, which its client makes up (RFC 9112 §3.2.2); a query may hold further question marks (RFC 3986 §3.4). */
function splitTarget(target: string): readonly [path: string, query: string] {
  const url = target.replace(/^https?:\/\/[^/?]*/i, '');
  const mark = url.indexOf('?');
  return mark === -1 ? [url, ''] : [url.slice(0, mark), url.slice(mark + 1)];
}

/** Clients put secrets where none belong; no event keeps what looks like one. */
function cut(text: string): string {
  return maskSecrets(text).slice(0, MAX_CHARACTERS);
}
