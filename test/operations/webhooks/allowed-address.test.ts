import { expect, test } from 'vitest';
import { addressRule } from '../../../src/operations/webhooks/allowed-address.ts';

test.each([
  '1.1.1.1',
  '93.184.216.34',
  '172.15.255.255',
  '172.32.0.1',
  '2606:4700::1111',
  '2a00:1450::1',
  '::ffff:1.1.1.1',
])('%s is public', (address) => expect(addressRule([])(address)).toBe(true));

// IANA's registries of special-purpose addresses, IPv4 and IPv6.
test.each([
  ['this network', '0.0.0.0'],
  ['this network', '0.1.2.3'],
  ['private', '10.0.0.1'],
  ['private', '172.16.0.1'],
  ['private', '172.31.255.255'],
  ['private', '192.168.1.1'],
  ['shared by carriers', '100.64.0.1'],
  ['loopback', '127.0.0.1'],
  ['loopback', '127.255.255.254'],
  ['link-local, where clouds tell credentials', '169.254.169.254'],
  ['of the IETF', '192.0.0.1'],
  ['documentation', '192.0.2.1'],
  ['documentation', '198.51.100.1'],
  ['documentation', '203.0.113.1'],
  ['6to4 relay', '192.88.99.1'],
  ['benchmarking', '198.18.0.1'],
  ['multicast', '224.0.0.1'],
  ['reserved', '240.0.0.1'],
  ['broadcast', '255.255.255.255'],
  ['unspecified', '::'],
  ['loopback', '::1'],
  ['IPv4 in IPv6, mapped', '::ffff:127.0.0.1'],
  ['IPv4 in IPv6, mapped', '::ffff:a00:1'],
  ['IPv4 in IPv6, compatible', '::127.0.0.1'],
  ['IPv4 in IPv6, translated', '::ffff:0:10.0.0.1'],
  ['NAT64', '64:ff9b::10.0.0.1'],
  ['NAT64', '64:ff9b::1.1.1.1'],
  ['NAT64 of a network', '64:ff9b:1::1'],
  ['discard', '100::1'],
  ['Teredo', '2001::1'],
  ['benchmarking', '2001:2::1'],
  ['ORCHID', '2001:20::1'],
  ['documentation', '2001:db8::1'],
  ['documentation', '3fff::1'],
  ['6to4', '2002:7f00:1::'],
  ['never given to anybody', '4000::1'],
  ['segment routing', '5f00::1'],
  ['unique local', 'fc00::1'],
  ['unique local', 'fd12:3456::1'],
  ['link-local', 'fe80::1'],
  ['link-local with its zone', 'fe80::1%eth0'],
  ['site-local', 'fec0::1'],
  ['multicast', 'ff02::1'],
  ['no address', 'localhost'],
  ['no address', ''],
])('%s: %s is not public', (_kind, address) => expect(addressRule([])(address)).toBe(false));

test('what the operator allows is allowed, whichever way it is written, and nothing beside it', () => {
  const isAllowed = addressRule(['10.1.0.0/16', '192.168.1.7', 'fd00:1::/32', '::1']);
  expect(
    ['10.1.2.3', '::ffff:10.1.2.3', '192.168.1.7', 'fd00:1::9', '::1', '1.1.1.1'].filter((it) => !isAllowed(it)),
  ).toEqual([]);
  expect(['10.2.0.1', '192.168.1.8', 'fd00:2::1', '127.0.0.1', '64:ff9b::10.1.2.3'].filter(isAllowed)).toEqual([]);
});
