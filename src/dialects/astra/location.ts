import type { FastifyRequest } from 'fastify';

/** A name, an IPv4 or a bracketed IPv6 address, perhaps with a port (RFC 3986 §3.2.2). */
const HOST = /^(?:[\w.~-]+|\[[\da-f:.]+\])(?::\d{1,5})?$/i;

/**
 * Where a certificate is to be found (contract §1): the whole URL, by the scheme and the host that the client or a declared proxy says it
 * came to; the path alone where these are none to build on.
 */
export function locationOf({ protocol, host }: Pick<FastifyRequest, 'protocol' | 'host'>, path: string): string {
  const isSound = /^https?$/.test(protocol) && HOST.test(host);
  return isSound ? `${protocol}://${host}${path}` : path;
}
