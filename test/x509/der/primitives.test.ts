import { describe, expect, test } from 'vitest';
import { decodeBitString } from '../../../src/x509/der/bit-string.ts';
import { DerError } from '../../../src/x509/der/error.ts';
import { decodeObjectIdentifier, readObjectIdentifier } from '../../../src/x509/der/object-identifier.ts';
import { DerReader } from '../../../src/x509/der/reader.ts';
import { readTime } from '../../../src/x509/der/time.ts';
import { hex, text } from '../support/der.ts';

describe('a BIT STRING (X.690 §8.6.2, §11.2.1)', () => {
  test.each([
    ['00', ''],
    ['00 ff', 'ff'],
    ['00 ff 00', 'ff00'],
    ['01 fe', 'fe'],
    ['04 ff f0', 'fff0'],
    ['07 80', '80'],
    ['07 00', '00'],
  ])('%s holds %s', (content, octets) => expect(decodeBitString(hex(content)).toString('hex')).toBe(octets));

  test.each<[string, string]>([
    ['nothing, not even a count', ''],
    ['unused bits of no octet', '01'],
    ['seven unused bits of no octet', '07'],
    ['eight unused bits', '08 00'],
    ['more unused bits than a count can mean', 'ff 00'],
    ['the one unused bit set', '01 ff'],
    ['the lowest unused bit set', '07 81'],
    ['the highest unused bit set', '07 40'],
    ['a bit set among four', '04 f8'],
  ])('with %s is refused', (_, content) => expect(() => decodeBitString(hex(content))).toThrow(DerError));
});

describe('an OBJECT IDENTIFIER (X.690 §8.19)', () => {
  test.each([
    // The example of X.690 §8.19.5.
    ['88 37 03', '2.999.3'],
    ['00', '0.0'],
    ['27', '0.39'],
    ['28', '1.0'],
    ['4f', '1.39'],
    ['50', '2.0'],
    ['78', '2.40'],
    ['2a 86 48 86 f7 0d 01 01 0b', '1.2.840.113549.1.1.11'],
    ['2a 00 7f 81 00', '1.2.0.127.128'],
  ])('%s is %s', (content, dotted) => {
    expect(decodeObjectIdentifier(hex(content))).toBe(dotted);
    expect(readObjectIdentifier(DerReader.of(text(0x06, hex(content).toString('latin1'), 'latin1')))).toBe(dotted);
  });

  test.each<[string, Buffer]>([
    ['nothing', Buffer.alloc(0)],
    ['64 octets', Buffer.alloc(64, 1)],
    ['a first arc that is padded', hex('80 01')],
    ['a later arc that is padded', hex('2a 80 01')],
    ['a last arc that is cut off', hex('2a 86')],
    ['nothing but a beginning', hex('86')],
    ['an arc of 2^128', hex('2a 84 80 80 80 80 80 80 80 80 80 80 80 80 80 80 80 80 80 00')],
  ])('of %s is refused', (_, content) => expect(() => decodeObjectIdentifier(content)).toThrow(DerError));

  test('63 octets are read, and 00 inside of an arc is no padding', () => {
    expect(decodeObjectIdentifier(Buffer.alloc(63, 1))).toBe(`0.1${'.1'.repeat(62)}`);
    expect(decodeObjectIdentifier(hex('2a 81 80 00'))).toBe('1.2.16384');
  });

  test('an arc of 2^128 − 1 is exact, and so is what follows it', () => {
    const largest = hex('83 ff ff ff ff ff ff ff ff ff ff ff ff ff ff ff ff ff 7f');
    expect(decodeObjectIdentifier(Buffer.concat([hex('2a'), largest, hex('05')]))).toBe(
      '1.2.340282366920938463463374607431768211455.5',
    );
  });
});

describe('a Time (RFC 5280 §4.1.2.5)', () => {
  const read = (tag: number, value: string): string => readTime(DerReader.of(text(tag, value))).toISOString();
  const [UTC, GENERALIZED] = [0x17, 0x18];

  test.each<[number, string, string]>([
    [UTC, '500101000000Z', '1950-01-01T00:00:00.000Z'],
    [UTC, '991231235959Z', '1999-12-31T23:59:59.000Z'],
    [UTC, '000101000000Z', '2000-01-01T00:00:00.000Z'],
    [UTC, '491231235959Z', '2049-12-31T23:59:59.000Z'],
    [UTC, '261121073042Z', '2026-11-21T07:30:42.000Z'],
    [GENERALIZED, '00010101000000Z', '0001-01-01T00:00:00.000Z'],
    [GENERALIZED, '00991231235959Z', '0099-12-31T23:59:59.000Z'],
    [GENERALIZED, '19491231235959Z', '1949-12-31T23:59:59.000Z'],
    [GENERALIZED, '20000229000000Z', '2000-02-29T00:00:00.000Z'],
    [GENERALIZED, '99991231235959Z', '9999-12-31T23:59:59.000Z'],
  ])('tag %i, %s', (tag, value, expected) => expect(read(tag, value)).toBe(expected));

  test.each<[string, number, string]>([
    ['month 0', UTC, '200001000000Z'],
    ['month 13', UTC, '201301000000Z'],
    ['day 0', UTC, '200100000000Z'],
    ['day 32', UTC, '200132000000Z'],
    ['31 April', UTC, '200431000000Z'],
    ['29 February 1900', GENERALIZED, '19000229000000Z'],
    ['hour 24', UTC, '200101240000Z'],
    ['minute 60', UTC, '200101006000Z'],
    ['second 60', UTC, '200101000060Z'],
    ['minute 99', GENERALIZED, '20200101009900Z'],
    ['second 99', GENERALIZED, '20200101000099Z'],
    ['something before it', UTC, '1200101000000Z'],
    ['something after it', UTC, '200101000000ZZ'],
    ['something before it', GENERALIZED, '120200101000000Z'],
    ['something after it', GENERALIZED, '20200101000000ZZ'],
    ['a line feed after it', GENERALIZED, '20200101000000Z\n'],
    ['no Z', UTC, '200101000000'],
    ['four digits of the year', UTC, '20200101000000Z'],
    ['two digits of the year', GENERALIZED, '200101000000Z'],
    ['another tag', 0x13, '200101000000Z'],
    ['another tag', 0x13, '20200101000000Z'],
  ])('with %s is refused: tag %i, %j', (_, tag, value) => expect(() => read(tag, value)).toThrow(DerError));
});
