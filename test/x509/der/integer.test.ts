import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DerError } from '../../../src/x509/der/error.ts';
import {
  bitLength,
  readBounded,
  readInteger,
  readOptionalSmall,
  readSmall,
  readUnsigned,
  stripSign,
  toBigInt,
  toSignedHex,
} from '../../../src/x509/der/integer.ts';
import { DerReader } from '../../../src/x509/der/reader.ts';
import { hex, integer } from '../support/der.ts';

const at = (digits: string): DerReader => DerReader.of(hex(digits));

describe('an INTEGER has at least one octet and no more than it needs (X.690 §8.3.2)', () => {
  test.each(['00', '7f', '80', 'ff', '00 80', '00 ff', 'ff 7f', 'ff 00', '01 00', '80 00'])('%s is read', (content) => {
    const octets = hex(content);
    const reader = DerReader.of(Buffer.concat([Buffer.from([2, octets.length]), octets]));
    expect(readInteger(reader)).toEqual(octets);
  });

  test.each(['02 00', '02 02 00 00', '02 02 00 7f', '02 02 ff 80', '02 02 ff ff', '02 03 00 01 00', '03 01 00'])(
    '%s is refused',
    (der) => expect(() => readInteger(at(der))).toThrow(DerError),
  );
});

describe('what must not be negative', () => {
  test.each([
    ['02 01 00', '00'],
    ['02 01 7f', '7f'],
    ['02 02 00 80', '0080'],
  ])('%s is read', (der, octets) => expect(readUnsigned(at(der)).toString('hex')).toBe(octets));

  test.each(['02 01 80', '02 01 ff', '02 02 ff 7f'])('%s is refused', (der) =>
    expect(() => readUnsigned(at(der))).toThrow(DerError),
  );
});

describe('an INTEGER of so many bits at the most', () => {
  test.each<[8 | 16 | 32 | 64, bigint]>([
    [8, 0n],
    [8, 255n],
    [16, 256n],
    [16, 65_535n],
    [32, 2n ** 32n - 1n],
    [64, 2n ** 64n - 1n],
  ])('%i bits hold %i', (bits, value) => {
    expect(readBounded(DerReader.of(integer(value)), bits)).toEqual(
      value === 0n ? Buffer.alloc(0) : stripSign(integer(value).subarray(2)),
    );
    if (bits !== 64) expect(readSmall(DerReader.of(integer(value)), bits)).toBe(Number(value));
  });

  test.each<[8 | 16 | 32 | 64, bigint]>([
    [8, 256n],
    [16, 65_536n],
    [32, 2n ** 32n],
    [64, 2n ** 64n],
  ])('%i bits do not hold %i', (bits, value) => {
    expect(() => readBounded(DerReader.of(integer(value)), bits)).toThrow(DerError);
  });

  test('it may be left out, and what stands there instead is not read', () => {
    const reader = at('05 00');
    expect(readOptionalSmall(reader, 8)).toBeNull();
    expect(readOptionalSmall(at(''), 8)).toBeNull();
    expect(reader.rest()).toEqual(hex('05 00'));
    expect(readOptionalSmall(at('02 01 07'), 8)).toBe(7);
  });
});

describe('of any non-negative number', () => {
  const number = fc.bigInt({ min: 0n, max: 2n ** 200n });

  test('the bits are those of its binary digits', () => {
    fc.assert(
      fc.property(number, (value) => {
        const octets = integer(value).subarray(2);
        expect(bitLength(octets)).toBe(value === 0n ? 0 : value.toString(2).length);
      }),
      { examples: [[0n], [1n], [127n], [128n], [255n], [256n], [2n ** 64n]] },
    );
  });

  test('the octets are its own', () => {
    fc.assert(fc.property(number, (value) => toBigInt(integer(value).subarray(2)) === value));
  });
});

test.each([
  ['00', ''],
  ['00 80', '80'],
  ['01', '01'],
  ['', ''],
])('without its sign, %s is %s', (octets, magnitude) => {
  expect(stripSign(hex(octets)).toString('hex')).toBe(magnitude);
});

test.each([
  ['00', '0'],
  ['0a', 'a'],
  ['7f', '7f'],
  ['00 ff', 'ff'],
  ['ff', '-1'],
  ['80', '-80'],
  ['ff 7f', '-81'],
  ['80 00', '-8000'],
])('two’s complement %s is %s in signed hex', (octets, expected) => expect(toSignedHex(hex(octets))).toBe(expected));
