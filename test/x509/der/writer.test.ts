import { describe, expect, test } from 'vitest';
import * as writer from '../../../src/x509/der/writer.ts';
import { hex, sequence, tlv } from '../support/der.ts';

const { encodeDer } = writer;

/** Expected octets are X.690's; test/x509/support/der.ts encodes what is too long to be written out. */
describe('is encoded as X.690 says', () => {
  test.each<[string, () => writer.DerValue, string]>([
    ['INTEGER 0', () => writer.unsignedInteger(hex('')), '02 01 00'],
    ['INTEGER 0 of many zeros', () => writer.unsignedInteger(hex('00 00')), '02 01 00'],
    ['INTEGER 127', () => writer.unsignedInteger(hex('7f')), '02 01 7f'],
    ['INTEGER 128, which needs a sign', () => writer.unsignedInteger(hex('80')), '02 02 00 80'],
    ['INTEGER 128 with zeros in front', () => writer.unsignedInteger(hex('00 00 80')), '02 02 00 80'],
    ['INTEGER 256 with a zero in front', () => writer.unsignedInteger(hex('00 01 00')), '02 02 01 00'],
    ['INTEGER 2, small', () => writer.smallInteger(2), '02 01 02'],
    ['OCTET STRING', () => writer.octetString(hex('ff 00')), '04 02 ff 00'],
    ['BIT STRING', () => writer.bitString(hex('ff 00')), '03 03 00 ff 00'],
    [
      'BIT STRING of octets that look like ASN.1',
      () => writer.bitString(hex('30 03 02 01 05')),
      '03 06 00 30 03 02 01 05',
    ],
    ['OBJECT IDENTIFIER', () => writer.objectIdentifier('2.999.3'), '06 03 88 37 03'],
    ['NULL', () => writer.nullValue(), '05 00'],
    ['UTF8String', () => writer.utf8String('Ä😀'), '0c 06 c3 84 f0 9f 98 80'],
    ['BOOLEAN', () => writer.booleanTrue(), '01 01 ff'],
    ['SEQUENCE', () => writer.sequence(writer.nullValue(), writer.smallInteger(1)), '30 05 05 00 02 01 01'],
    ['SEQUENCE of nothing', () => writer.sequence(), '30 00'],
    [
      'SET OF, in order',
      () => writer.setOf([writer.smallInteger(2), writer.smallInteger(1)]),
      '31 06 02 01 01 02 01 02',
    ],
    ['[2] IMPLICIT', () => writer.contextPrimitiveValue(2, hex('61 ff')), '82 02 61 ff'],
    ['[3] EXPLICIT', () => writer.contextExplicit(3, writer.nullValue()), 'a3 02 05 00'],
  ])('%s', (_, make, expected) => expect(encodeDer(make()).toString('hex')).toBe(hex(expected).toString('hex')));
});

describe('a Time is a UTCTime from 1950 through 2049 and else a GeneralizedTime (RFC 5280 §4.1.2.5)', () => {
  test.each<[string, number, string]>([
    ['1949-12-31T23:59:59Z', 0x18, '19491231235959Z'],
    ['1950-01-01T00:00:00Z', 0x17, '500101000000Z'],
    ['1999-12-31T23:59:59.999Z', 0x17, '991231235959Z'],
    ['2049-12-31T23:59:59Z', 0x17, '491231235959Z'],
    ['2050-01-01T00:00:00Z', 0x18, '20500101000000Z'],
    ['9999-12-31T23:59:59.001Z', 0x18, '99991231235959Z'],
  ])('%s', (instant, tag, expected) => {
    expect(encodeDer(writer.time(new Date(instant)))).toEqual(tlv(tag, Buffer.from(expected)));
  });
});

describe('what is encoded already', () => {
  test.each<[string, Buffer]>([
    ['keeps each octet', sequence(hex('06 01 2a'), hex('05 00'))],
    ['keeps an INTEGER that is padded', sequence(hex('02 02 00 01'))],
    ['keeps a BIT STRING that looks like ASN.1', sequence(tlv(0x03, hex('00 30 03 02 01 05')))],
    ['keeps a BIT STRING that looks like padded ASN.1', sequence(tlv(0x03, hex('00 30 81 03 02 01 05')))],
  ])('%s', (_, der) => expect(encodeDer(writer.copiedSequence(der))).toEqual(der));

  test.each<[string, Buffer]>([
    ['something else than a SEQUENCE', hex('31 00')],
    ['something after it', hex('30 00 00')],
    ['less than it says', hex('30 02 05')],
  ])('is refused where it holds %s', (_, der) => expect(() => writer.copiedSequence(der)).toThrow());
});
