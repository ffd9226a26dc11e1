import { isIP } from 'node:net';
import type { FastifyRequest } from 'fastify';

const MAPPED = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i;

/**
 * The address of the client: the nearest one that no declared proxy has, read from the connection and then from X-Forwarded-For right
 * to left. What a proxy passes on that is no address does not count. IPv4 is written as such where it comes mapped into IPv6 (RFC 4291
 * §2.5.5.2).
 */
export function clientAddress({ ip, ips }: Pick<FastifyRequest, 'ip' | 'ips'>): string {
  const farthestFirst = ips === undefined ? [ip] : [...ips].reverse();
  const address = farthestFirst.find((text) => isIP(text) !== 0) ?? '';
  return MAPPED.exec(address)?.[1] ?? address;
}
