import { describe, expect, test } from 'vitest';
import { DerError, DerLimitError } from '../../../src/x509/der/error.ts';
import { DerReader, fullBudget, parseDer } from '../../../src/x509/der/reader.ts';
import { LONG_FORM } from '../../../src/x509/der/tags.ts';
import { hex, sequence, tlv } from '../support/der.ts';

const OCTET_STRING = 0x04;
const SEQUENCE = 0x30;
const octets = (length: number): Buffer => Buffer.alloc(length, 0x5a);
const element = (head: string, length: number): Buffer => Buffer.concat([hex(head), octets(length)]);
const limitOf = (act: () => unknown): unknown => {
  try {
    act();
  } catch (error) {
    return error instanceof DerLimitError ? error.limit : error;
  }
  return null;
};

describe('a length in its shortest form is read (X.690 §10.1)', () => {
  test.each<[string, number]>([
    ['04 00', 0],
    ['04 7f', 127],
    ['04 81 80', 128],
    ['04 81 ff', 255],
    ['04 82 01 00', 256],
    ['04 82 ff ff', 65_535],
    ['04 83 01 00 00', 65_536],
  ])('%s', (head, length) => {
    const whole = element(head, length);
    const reader = DerReader.of(Buffer.concat([whole, hex('05 00')]));
    const read = reader.read();
    expect(read.tag).toBe(OCTET_STRING);
    expect(read.content.equals(octets(length))).toBe(true);
    expect(read.encoded.equals(whole)).toBe(true);
    expect(reader.rest()).toEqual(hex('05 00'));
  });
});

describe('any other length is refused, though all of the content is there', () => {
  test.each<[string, Buffer]>([
    ['127 in two octets', element('04 81 7f', 127)],
    ['0 in two octets', element('04 81 00', 0)],
    ['255 in three octets', element('04 82 00 ff', 255)],
    ['65,535 in four octets', element('04 83 00 ff ff', 65_535)],
    ['65,536 in five octets', element('04 84 00 01 00 00', 65_536)],
    ['1 in six octets', element('04 85 00 00 00 00 01', 1)],
    ['indefinite', hex('30 80 05 00 00 00')],
    ['indefinite, with 128 octets behind it', element('30 80', 128)],
    ['the reserved FF', element('04 ff', 127)],
    ['none', hex('04')],
    ['cut off before its last octet', hex('04 82 01')],
    ['cut off after its first octet', hex('04 81')],
    ['one more than there is', element('04 03', 2)],
    ['one more than there is, in the long form', element('04 81 80', 127)],
  ])('%s', (_, der) => {
    const reader = DerReader.of(der);
    expect(() => reader.read()).toThrow(DerError);
  });
});

describe('a tag of the long form is one that nothing expects (X.690 §8.1.2.4)', () => {
  test.each<[string, string]>([
    ['31, the smallest', '1f 1f'],
    ['127', '1f 7f'],
    ['128', '1f 81 00'],
    ['16,384, whose second octet is 80', '1f 81 80 00'],
    ['2^32 − 1, the largest', '1f 8f ff ff ff 7f'],
    ['constructed', '3f 1f'],
    ['context-specific and constructed', 'bf 1f'],
    ['private', 'ff 81 7f'],
  ])('%s', (_, tag) => {
    const der = Buffer.concat([hex(tag), hex('01 61')]);
    const reader = DerReader.of(der);
    expect(reader.peek()).toBe(LONG_FORM);
    expect(reader.read()).toEqual({ tag: LONG_FORM, content: hex('61'), encoded: der });
    expect(reader.done).toBe(true);
  });

  test.each<[string, string]>([
    ['30, which has a short form', '1f 1e'],
    ['0', '1f 00'],
    ['padded', '1f 80 1f'],
    ['2^32', '1f 90 80 80 80 00'],
    ['far beyond 32 bits', '1f ff ff ff ff ff ff 7f'],
    ['cut off after the first octet', '1f'],
    ['cut off in the number', '1f 81'],
  ])('%s is no tag', (_, tag) => {
    const reader = DerReader.of(_.startsWith('cut') ? hex(tag) : Buffer.concat([hex(tag), hex('01 61')]));
    expect(reader.peek()).toBeNull();
    expect(() => reader.read()).toThrow(DerError);
  });

  test('30 in the short form is a tag as any other', () => {
    expect(DerReader.of(hex('1e 00')).peek()).toBe(0x1e);
    expect(DerReader.of(hex('fe 00')).read().tag).toBe(0xfe);
  });
});

describe('a reader goes forward only as far as it was asked to', () => {
  test('a look at the tag reads nothing', () => {
    const reader = DerReader.of(hex('02 01 05 05 00'));
    expect([reader.peek(), reader.peek()]).toEqual([0x02, 0x02]);
    expect(reader.rest()).toEqual(hex('02 01 05 05 00'));
    expect(reader.done).toBe(false);
  });

  test('at the end there is no tag, nothing to read and nothing left over', () => {
    const reader = DerReader.of(Buffer.alloc(0));
    expect(reader.peek()).toBeNull();
    expect(reader.done).toBe(true);
    expect(reader.rest()).toEqual(Buffer.alloc(0));
    expect(() => reader.read()).toThrow(DerError);
    expect(() => reader.finish()).not.toThrow();
  });

  test('what is optional and has another tag stays to be read', () => {
    const reader = DerReader.of(hex('02 01 05'));
    expect(reader.optional(0x05)).toBeNull();
    expect(reader.enterOptional(SEQUENCE, () => 'entered')).toBeNull();
    expect(reader.optional(0x02)?.content).toEqual(hex('05'));
    expect(reader.optional(0x02)).toBeNull();
    expect(reader.done).toBe(true);
  });

  test('an element of another tag than the one expected is refused', () => {
    expect(() => DerReader.of(hex('02 01 05')).expect(0x05)).toThrow(DerError);
    expect(DerReader.of(hex('02 01 05')).expect(0x02).content).toEqual(hex('05'));
  });
});

describe('nothing is left over', () => {
  const readFive = (reader: DerReader): number => reader.expect(0x02).content.readUInt8(0);

  test('what is entered gives the value, and the reader goes on behind it', () => {
    const reader = DerReader.of(hex('30 03 02 01 05 05 00'));
    expect(reader.enter(SEQUENCE, readFive)).toBe(5);
    expect(reader.rest()).toEqual(hex('05 00'));
    expect(DerReader.of(hex('30 03 02 01 05')).enterOptional(SEQUENCE, readFive)).toBe(5);
  });

  test.each([
    ['inside of what was entered', hex('30 05 02 01 05 05 00')],
    ['behind it', hex('30 03 02 01 05 00')],
  ])('%s', (_, der) => {
    expect(() => parseDer(der, (reader) => reader.enter(SEQUENCE, readFive))).toThrow(DerError);
  });

  test('parseDer gives what was parsed', () => {
    expect(parseDer(hex('30 03 02 01 05'), (reader) => reader.enter(SEQUENCE, readFive))).toBe(5);
  });
});

describe('no more is walked than the limits allow (docs/decisions/0015)', () => {
  const NULLS = Buffer.alloc(2 * 50_001, hex('05 00'));
  const readAll = (reader: DerReader): void => {
    while (!reader.done) reader.read();
  };

  test('50,000 elements are read, one more is beyond the limit', () => {
    expect(limitOf(() => parseDer(NULLS.subarray(2), readAll))).toBeNull();
    expect(limitOf(() => parseDer(NULLS, readAll))).toBe('DER_ELEMENTS');
  });

  test('elements inside of others count too', () => {
    const readInside = (reader: DerReader): void => reader.enter(SEQUENCE, readAll);
    expect(limitOf(() => parseDer(sequence(NULLS.subarray(4)), readInside))).toBeNull();
    expect(limitOf(() => parseDer(sequence(NULLS.subarray(2)), readInside))).toBe('DER_ELEMENTS');
  });

  test('inputs that share a budget share its elements', () => {
    const budget = fullBudget();
    expect(limitOf(() => parseDer(NULLS.subarray(4), readAll, budget))).toBeNull();
    expect(limitOf(() => parseDer(hex('05 00'), readAll, budget))).toBeNull();
    expect(limitOf(() => parseDer(hex('05 00'), readAll, budget))).toBe('DER_ELEMENTS');
    expect(limitOf(() => parseDer(hex('05 00'), readAll))).toBeNull();
  });

  test('a mebibyte is read, one octet more is beyond the limit', () => {
    const long = tlv(OCTET_STRING, Buffer.alloc(2 ** 20 - 5));
    expect(long).toHaveLength(2 ** 20);
    expect(limitOf(() => parseDer(long, readAll))).toBeNull();
    expect(limitOf(() => parseDer(Buffer.concat([long, Buffer.alloc(1)]), readAll))).toBe('DER_BYTES');
  });

  test('64 levels are entered, one more is beyond the limit', () => {
    const nested = (levels: number): Buffer => (levels === 0 ? Buffer.alloc(0) : sequence(nested(levels - 1)));
    const descend = (reader: DerReader): void => {
      if (!reader.done) reader.enter(SEQUENCE, descend);
    };
    expect(limitOf(() => parseDer(nested(64), descend))).toBeNull();
    expect(limitOf(() => parseDer(nested(65), descend))).toBe('DER_DEPTH');
  });
});
