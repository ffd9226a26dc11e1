import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { describeCertificate, NotACertificate } from '../../src/x509/index.ts';
import { attribute, certificate, hex, name, OID, pem, rdn, text, tlv } from './support/der.ts';

const UTF8 = 0x0c;
const subjectOf = (subject: Buffer): string =>
  describeCertificate(pem('CERTIFICATE', certificate({ subject }))).subject;
const cn = (value: Buffer): Buffer => name(rdn(attribute(OID.commonName, value)));
const utf16 = (value: string): Buffer => Buffer.from(value, 'utf16le').swap16();
const utf32 = (value: string): Buffer =>
  Buffer.concat([...value].map((c) => hex((c.codePointAt(0) ?? 0).toString(16).padStart(8, '0'))));

/** An OBJECT IDENTIFIER whose first two arcs are one already (X.690 §8.19.4). */
const type = (...arcs: bigint[]): Buffer => tlv(0x06, ...arcs.map(septets));
function septets(arc: bigint): Buffer {
  const octets = [Number(arc & 0x7fn)];
  for (let rest = arc >> 7n; rest > 0n; rest >>= 7n) octets.unshift(Number(rest & 0x7fn) | 0x80);
  return Buffer.from(octets);
}

// Expected texts are what pyca 49's rfc4514_string() gave for the same DER.
describe('the subject is written as pyca writes it', () => {
  test('RDNs in reverse, nine short names, the rest dotted', () => {
    const subject = name(
      rdn(attribute(hex('06 03 55 04 06'), text(0x13, 'DE'))),
      rdn(attribute(OID.organization, text(UTF8, 'Ä Ö'))),
      rdn(attribute(OID.commonName, text(UTF8, 'multi')), attribute(OID.userId, text(UTF8, '7'))),
      rdn(attribute(hex('06 09 2a 86 48 86 f7 0d 01 09 01'), text(0x16, 'a@b.c'))),
      rdn(attribute(OID.serialNumber, text(0x13, '1'))),
      rdn(attribute(OID.domainComponent, text(0x16, 'x'))),
      rdn(attribute(OID.street, text(UTF8, 's'))),
      rdn(attribute(hex('06 03 55 04 61'), text(UTF8, 'id'))),
    );
    // Contract §1.1.
    expect(subjectOf(subject)).toBe(
      '2.5.4.97=id,STREET=s,DC=x,2.5.4.5=1,1.2.840.113549.1.9.1=a@b.c,CN=multi+UID=7,O=Ä Ö,C=DE',
    );
  });

  test('an empty name is an empty text', () => expect(subjectOf(name())).toBe(''));

  test.each([
    ['a,b+c"d\\e<f>g;h=i', 'a\\,b\\+c\\"d\\\\e\\<f\\>g\\;h=i'],
    ['#a#', '\\#a#'],
    [' a ', '\\ a\\ '],
    [' ', '\\ '],
    ['  ', '\\ \\ '],
    ['a\0b', 'a\\00b'],
    ['a\nb\r\t', 'a\nb\r\t'],
    ['ä😀\u200b', 'ä😀\u200b'],
    ['\ufeffbom', '\ufeffbom'],
    ['', ''],
  ])('%j becomes %j', (value, expected) => expect(subjectOf(cn(text(UTF8, value)))).toBe(`CN=${expected}`));

  test.each([
    ['PrintableString', tlv(0x13, Buffer.from('a b')), 'a b'],
    ['NumericString', tlv(0x12, Buffer.from('1 2')), '1 2'],
    ['IA5String with UTF-8', tlv(0x16, Buffer.from('ä')), 'ä'],
    ['T61String with UTF-8', tlv(0x14, Buffer.from('ä')), 'ä'],
    ['VisibleString', tlv(0x1a, Buffer.from('v')), 'v'],
    ['OCTET STRING', tlv(0x04, Buffer.from('o')), 'o'],
    ['BMPString', tlv(0x1e, utf16('bä😀')), 'bä😀'],
    ['UniversalString', tlv(0x1c, utf32('uä😀')), 'uä😀'],
  ])('%s', (_, value, expected) => expect(subjectOf(cn(value))).toBe(`CN=${expected}`));

  test('a BIT STRING is the hex of its content octets, in the one type that has it', () => {
    expect(subjectOf(name(rdn(attribute(OID.uniqueIdentifier, tlv(0x03, hex('00 12 34'))))))).toBe('2.5.4.45=#001234');
  });

  test.each([
    ['1.39.1', [79n, 1n]],
    ['2.0.0', [80n, 0n]],
    [`2.25.${2n ** 46n - 1n}`, [105n, 2n ** 46n - 1n]],
    [`2.25.${2n ** 53n - 1n}`, [105n, 2n ** 53n - 1n]],
    [`2.25.${2n ** 53n + 1n}.7`, [105n, 2n ** 53n + 1n, 7n]],
    [`2.25.${2n ** 128n - 1n}`, [105n, 2n ** 128n - 1n]],
    [`2.${2n ** 53n - 81n}`, [2n ** 53n - 1n]],
    [`2.${2n ** 53n - 79n}`, [2n ** 53n + 1n]],
    [`2.${2n ** 128n - 81n}`, [2n ** 128n - 1n]],
  ])('a type of arcs up to 128 bits: %s', (dotted, arcs) => {
    expect(subjectOf(name(rdn(attribute(type(...arcs), text(UTF8, 'x')))))).toBe(`${dotted}=x`);
  });
});

describe('a subject that pyca refuses is refused', () => {
  test.each([
    ['bad UTF-8', cn(tlv(UTF8, hex('ff')))],
    ['Latin-1 in a T61String', cn(tlv(0x14, hex('e4')))],
    ['an encoded surrogate', cn(tlv(UTF8, hex('ed a0 80')))],
    ['an asterisk in a PrintableString', cn(tlv(0x13, Buffer.from('*')))],
    ['half a surrogate pair in a BMPString', cn(tlv(0x1e, hex('d8 00')))],
    ['a BMPString of odd length', cn(tlv(0x1e, hex('00')))],
    ['a UniversalString beyond Unicode', cn(tlv(0x1c, hex('00 11 00 00')))],
    ['a BIT STRING in another type', cn(tlv(0x03, hex('00')))],
    ['an INTEGER', cn(hex('02 01 01'))],
    ['a tag of the long form', cn(hex('1f 1f 01 61'))],
    ['a constructed string', cn(hex('2c 03 0c 01 61'))],
    ['an empty RDN', name(tlv(0x31))],
    [
      'an attribute twice in one RDN',
      name(rdn(...['0c', '13'].map((tag) => attribute(OID.commonName, hex(`${tag} 01 61`))))),
    ],
    [
      'a SET out of order',
      name(tlv(0x31, attribute(OID.organization, text(UTF8, 'a')), attribute(OID.commonName, text(UTF8, 'a')))),
    ],
    ['an arc of 129 bits', name(rdn(attribute(type(42n, 2n ** 128n), text(UTF8, 'a'))))],
    ['a padded arc', name(rdn(attribute(hex('06 04 55 80 04 03'), text(UTF8, 'a'))))],
  ])('%s', (_, subject) => expect(() => subjectOf(subject)).toThrow(NotACertificate));
});

test('an issuer that pyca would refuse is shown in hex, since authentik never looks at it', () => {
  const der = certificate({ issuer: name(rdn(attribute(OID.commonName, tlv(0x14, hex('e4'))))) });
  expect(describeCertificate(pem('CERTIFICATE', der)).issuer).toBe('CN=#1401e4');
});

test.each([
  ['a BOOLEAN', hex('01 01 ff'), '#0101ff'],
  ['a BIT STRING', tlv(0x03, hex('00')), '#030100'],
])('so is %s', (_, value, shown) => {
  expect(describeCertificate(pem('CERTIFICATE', certificate({ issuer: cn(value) }))).issuer).toBe(`CN=${shown}`);
});

test.each([
  ['half a surrogate pair in a BMPString', tlv(0x1e, hex('d8 00'))],
  ['a UniversalString beyond Unicode', tlv(0x1c, hex('00 11 00 00'))],
  ['an asterisk in a PrintableString', tlv(0x13, Buffer.from('*'))],
])('%s is refused in an issuer too: pyca looks at these as it loads', (_, value) => {
  const der = certificate({ issuer: cn(value) });
  expect(() => describeCertificate(pem('CERTIFICATE', der))).toThrow(NotACertificate);
});

test('what was escaped can be read back: no two names look the same', () => {
  const value = fc.string({ unit: 'grapheme' });
  const attributes = fc.array(fc.tuple(fc.constantFrom('CN', 'O', 'STREET'), value), { minLength: 1, maxLength: 4 });
  const oids: Record<string, Buffer> = { CN: OID.commonName, O: OID.organization, STREET: OID.street };
  fc.assert(
    fc.property(attributes, (parts) => {
      const subject = name(
        ...parts.map(([type, words]) => rdn(attribute(oids[type] ?? OID.commonName, text(UTF8, words)))),
      );
      expect(parse(subjectOf(subject))).toEqual(parts.toReversed());
    }),
  );
});

/** RFC 4514 §3, written from the RFC and for this test only. */
function parse(written: string): Array<[string, string]> {
  return written.split(/(?<=(?:^|[^\\])(?:\\\\)*),/).map((part) => {
    const [, type = '', value = ''] = /^([A-Z]+)=(.*)$/s.exec(part) ?? [];
    return [type, value.replace(/\\(00|.)/gs, (_, escaped: string) => (escaped === '00' ? '\0' : escaped))];
  });
}
