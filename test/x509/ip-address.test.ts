import { isIPv6 } from 'node:net';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatIpAddress } from '../../src/x509/ip-address.ts';
import { hex } from './support/der.ts';

// The addresses of RFC 5952 §1, §2 and §4, and what §4 makes of them.
describe('an address of 16 octets is written by RFC 5952 §4', () => {
  test.each([
    ['2001 0db8 0000 0000 0001 0000 0000 0001', '2001:db8::1:0:0:1'],
    ['2001 0db8 0000 0000 0000 0000 0002 0001', '2001:db8::2:1'],
    ['2001 0db8 0000 0001 0001 0001 0001 0001', '2001:db8:0:1:1:1:1:1'],
    ['2001 0000 0000 0001 0000 0000 0000 0001', '2001:0:0:1::1'],
    ['2001 0db8 aaaa bbbb cccc dddd eeee 0001', '2001:db8:aaaa:bbbb:cccc:dddd:eeee:1'],
    ['0000 0000 0000 0000 0000 0000 0000 0000', '::'],
    ['0000 0000 0000 0000 0000 0000 0000 0001', '::1'],
    ['0001 0000 0000 0000 0000 0000 0000 0000', '1::'],
    ['0000 0001 0001 0001 0001 0001 0001 0000', '0:1:1:1:1:1:1:0'],
    ['0001 0001 0001 0001 0001 0001 0000 0000', '1:1:1:1:1:1::'],
    ['0000 0000 0001 0001 0001 0001 0000 0000', '::1:1:1:1:0:0'],
  ])('%s is %s', (octets, expected) => expect(formatIpAddress(hex(octets))).toBe(expected));

  test('it can be read back, and no two addresses look the same', () => {
    const group = fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 0xffff }));
    fc.assert(
      fc.property(fc.array(group, { minLength: 8, maxLength: 8 }), (groups) => {
        const octets = Buffer.from(groups.flatMap((value) => [value >> 8, value & 0xff]));
        const written = formatIpAddress(octets);
        expect(isIPv6(written)).toBe(true);
        const [head = '', tail] = written.split('::').map((part) => part.split(':').filter((digits) => digits !== ''));
        const zeros = tail === undefined ? 0 : 8 - head.length - tail.length;
        expect(
          [...head, ...Array(zeros).fill('0'), ...(tail ?? [])].map((digits) => Number.parseInt(digits, 16)),
        ).toEqual(groups);
      }),
    );
  });
});

test('an address of 4 octets is dotted', () => expect(formatIpAddress(hex('c0 00 02 ff'))).toBe('192.0.2.255'));

test.each([
  ['', ''],
  ['c0 00 02', 'c00002'],
  // RFC 5280 §4.2.1.10: an address and its mask, which belong into name constraints only.
  ['c0 00 02 00 ff ff ff 00', 'c0000200ffffff00'],
  ['00'.repeat(17), '00'.repeat(17)],
])('what is no address is hex: %s', (octets, expected) => expect(formatIpAddress(hex(octets))).toBe(expected));
