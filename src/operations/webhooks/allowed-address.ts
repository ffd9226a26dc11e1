import ipaddr from 'ipaddr.js';

type Address = ipaddr.IPv4 | ipaddr.IPv6;
type Network = readonly [Address, number];

/** All of IPv6 that was ever given to anybody as public unicast (RFC 4291 §2.4, IANA's registry of IPv6 address space). */
const PUBLIC_IPV6 = ipaddr.IPv6.parseCIDR('2000::/3');

/**
 * Makes what decides whether a webhook may go to an address: to public unicast, and to what the operator allows beside it. What leads to a
 * private IPv4 address by way of IPv6 (mapped, NAT64, 6to4, Teredo) is not public either.
 *
 * @param privateNetworks addresses and networks, as `10.0.0.1` or `10.0.0.0/8`
 */
export function addressRule(privateNetworks: readonly string[]): (address: string) => boolean {
  const networks = privateNetworks.map(networkOf);
  return (text) => {
    if (!ipaddr.isValid(text)) {
      return false;
    }
    // Undoes IPv4-mapped IPv6: the system connects to the IPv4 address.
    const address = ipaddr.process(text);
    return isPublic(address) || networks.some((network) => holds(network, address));
  };
}

function isPublic(address: Address): boolean {
  return address.range() === 'unicast' && (isIPv4(address) || address.match(PUBLIC_IPV6));
}

function networkOf(text: string): Network {
  if (text.includes('/')) {
    return ipaddr.parseCIDR(text);
  }
  const address = ipaddr.process(text);
  return [address, isIPv4(address) ? 32 : 128];
}

function holds([network, bits]: Network, address: Address): boolean {
  if (isIPv4(network)) {
    return isIPv4(address) && address.match(network, bits);
  }
  return !isIPv4(address) && address.match(network, bits);
}

function isIPv4(address: Address): address is ipaddr.IPv4 {
  return address.kind() === 'ipv4';
}
