import { lookup } from 'node:dns/promises';
import { StartRefused } from './errors.ts';

/**
 * The one address on which to listen. Of the name `localhost` Fastify itself would take every address, and serve all but the first by
 * servers that lack what we add to its own: our answers below routing, and the end of connections at a stop.
 *
 * @param host a name or an address; of a name that has both kinds, the first of IPv4
 * @throws {StartRefused} where it has no address; what the resolver says where it can't tell
 */
export async function listenAddress(host: string): Promise<string> {
  try {
    return (await lookup(host, { order: 'ipv4first' })).address;
  } catch (error) {
    throw (error as NodeJS.ErrnoException).code === 'ENOTFOUND' ? new StartRefused('HOST_UNKNOWN', host) : error;
  }
}
