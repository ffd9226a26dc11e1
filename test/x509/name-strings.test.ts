import { describe, expect, test } from 'vitest';
import { DerError } from '../../src/x509/der/error.ts';
import type { DerElement } from '../../src/x509/der/reader.ts';
import { Tag } from '../../src/x509/der/tags.ts';
import { describeCertificate } from '../../src/x509/index.ts';
import { checkString, decodeString, decodeUtf8 } from '../../src/x509/name-strings.ts';
import { attribute, certificate, hex, name, OID, pem, rdn, tlv } from './support/der.ts';

const element = (tag: number, content: Buffer): DerElement => ({ tag, content, encoded: content });
const isTaken = (tag: number, content: Buffer): boolean => {
  try {
    checkString(element(tag, content));
    return true;
  } catch (error) {
    expect(error).toBeInstanceOf(DerError);
    return false;
  }
};
const octets = Array.from({ length: 256 }, (_, octet) => octet);

test('a PrintableString has the characters of X.680 §41.4 and no others', () => {
  const printable = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 '()+,-./:=?";
  const taken = octets.filter((octet) => isTaken(Tag.PrintableString, Buffer.from([0x41, octet, 0x41])));
  expect(String.fromCharCode(...taken)).toBe([...printable].sort().join(''));
  expect(isTaken(Tag.PrintableString, Buffer.alloc(0))).toBe(true);
});

test.each([
  ['UTF8String', Tag.Utf8String],
  ['NumericString', Tag.NumericString],
  ['IA5String', Tag.Ia5String],
  ['T61String', Tag.T61String],
  ['VisibleString', Tag.VisibleString],
])('pyca looks at no octet of a %s when it loads a certificate', (_, tag) => {
  expect(octets.every((octet) => isTaken(tag, Buffer.from([octet])))).toBe(true);
});

describe('a BMPString is UTF-16', () => {
  test.each([
    ['', ''],
    ['00 41', 'A'],
    ['20 ac', '€'],
    ['d8 3d de 00', '😀'],
    ['fe ff', '\ufeff'],
    ['d7 ff e0 00', '\ud7ff\ue000'],
  ])('%s is %j', (content, expected) => {
    expect(isTaken(Tag.BmpString, hex(content))).toBe(true);
    expect(decodeString(element(Tag.BmpString, hex(content)))).toBe(expected);
  });

  test.each(['41', '00 41 00', 'd8 00', 'dc 00', 'de 00 d8 3d', 'd8 3d 00 41'])('%s is none', (content) => {
    expect(isTaken(Tag.BmpString, hex(content))).toBe(false);
  });

  test('the input stays as it was', () => {
    const content = hex('00 41');
    decodeString(element(Tag.BmpString, content));
    expect(content).toEqual(hex('00 41'));
  });
});

describe('a UniversalString is UTF-32', () => {
  test.each([
    ['', ''],
    ['00 00 00 41', 'A'],
    ['00 01 f6 00', '😀'],
    ['00 10 ff ff', '\u{10ffff}'],
    ['00 00 d7 ff 00 00 e0 00', '\ud7ff\ue000'],
  ])('%s is %j', (content, expected) => {
    expect(isTaken(Tag.UniversalString, hex(content))).toBe(true);
    expect(decodeString(element(Tag.UniversalString, hex(content)))).toBe(expected);
  });

  test.each(['41', '00 41', '00 00 41', '00 00 00 41 00', '00 11 00 00', '00 00 d8 00', '00 00 df ff', 'ff ff ff ff'])(
    '%s is none',
    (content) => expect(isTaken(Tag.UniversalString, hex(content))).toBe(false),
  );
});

describe('everything else is UTF-8 (RFC 3629 §4)', () => {
  test.each([
    ['c3 a4', 'ä'],
    ['ef bb bf 41', '\ufeffA'],
    ['f4 8f bf bf', '\u{10ffff}'],
    ['', ''],
  ])('%s is %j', (content, expected) => {
    expect(decodeUtf8(hex(content))).toBe(expected);
    expect(decodeString(element(Tag.T61String, hex(content)))).toBe(expected);
  });

  test.each(['e4', 'c0 80', 'ed a0 80', 'f4 90 80 80', 'c3'])('%s is none', (content) => {
    expect(decodeUtf8(hex(content))).toBeNull();
    expect(decodeString(element(Tag.Utf8String, hex(content)))).toBeNull();
  });
});

test('an empty BIT STRING in the one type that has it is an empty value', () => {
  const subject = name(rdn(attribute(OID.uniqueIdentifier, tlv(0x03))));
  expect(describeCertificate(pem('CERTIFICATE', certificate({ subject }))).subject).toBe('2.5.4.45=');
});
