import { promises as dns, type LookupAddress } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { AttemptFailed } from './attempt-failed.ts';

/** Gives the addresses of a host's name. */
export type Resolve = (hostname: string) => Promise<readonly LookupAddress[]>;

/** As the system resolves names: /etc/hosts too. */
export const systemResolve: Resolve = (hostname) => dns.lookup(hostname, { all: true, verbatim: true });

/**
 * The addresses to which a webhook goes, each of them checked. A name that has one address beside others that may not be is refused whole.
 *
 * @throws {AttemptFailed} ADDRESS_REFUSED, NAME_UNKNOWN
 */
export async function checkedAddresses(
  { hostname }: URL,
  resolve: Resolve,
  isAllowed: (address: string) => boolean,
): Promise<readonly LookupAddress[]> {
  const host = hostname.replace(/^\[(.*)\]$/, '$1');
  const family = isIP(host);
  const addresses = family === 0 ? await resolved(host, resolve) : [{ address: host, family }];
  if (!addresses.every(({ address }) => isAllowed(address))) {
    throw new AttemptFailed('ADDRESS_REFUSED');
  }
  return addresses;
}

async function resolved(host: string, resolve: Resolve): Promise<readonly LookupAddress[]> {
  const addresses = await resolve(host).catch((error: unknown) => {
    throw new AttemptFailed('NAME_UNKNOWN', { cause: error });
  });
  if (addresses.length === 0) {
    throw new AttemptFailed('NAME_UNKNOWN');
  }
  return addresses;
}

/** What a connection asks instead of the name service: it learns what was checked, and nothing that the name means since then. */
export function lookupOf(addresses: readonly LookupAddress[]): LookupFunction {
  return (_hostname, { all }, callback) => {
    const [first] = addresses;
    if (all === true || first === undefined) {
      callback(null, [...addresses]);
    } else {
      callback(null, first.address, first.family);
    }
  };
}
