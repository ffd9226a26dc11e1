import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { NotAName, readCommonName, readNameForms, X509Error } from '../../src/x509/index.ts';
import { openssl } from '../support/openssl.ts';
import { attribute, certificate, hex, name, OID, pem, rdn, sequence, text, tlv } from './support/der.ts';

const cn = (value: Buffer) => rdn(attribute(OID.commonName, value));
const organization = rdn(attribute(OID.organization, text(0x0c, 'Example')));

/** Every common name of a subject as openssl prints it, in the order of the encoding. */
function opensslCommonNames(subject: Buffer): string[] {
  // Without escapes the line is the text itself, as long as no line ends in it.
  const options = ['-noout', '-subject', '-nameopt', 'sep_multiline,utf8,sname'];
  const printed = openssl(['x509', ...options], pem('CERTIFICATE', certificate({ subject })));
  return printed.split('\n').flatMap((line) => (/^ {4}CN=/.test(line) ? [line.slice('    CN='.length)] : []));
}

describe('the common name, as openssl reads it', () => {
  test.each<[string, Buffer]>([
    ['UTF8String', text(0x0c, 'Zoë \u{1f600}')],
    ['PrintableString', text(0x13, 'portal.example.test')],
    ['IA5String beyond ASCII', tlv(0x16, hex('41 e9'))],
    ['T61String beyond ASCII', tlv(0x14, hex('4d fc 6c 6c 65 72'))],
    ['T61String that would be UTF-8', tlv(0x14, hex('c3 bc'))],
    ['NumericString', text(0x12, ' 12  34 ')],
    ['BMPString', tlv(0x1e, hex('04 16 00 c4'))],
    ['UniversalString', tlv(0x1c, hex('00 00 00 41 00 01 f6 00'))],
    ['UTF8String in parts', tlv(0x2c, text(0x0c, 'A '), text(0x04, ' B'))],
    ['blanks at both ends', text(0x0c, '  a  ')],
    ['what RFC 4514 escapes', text(0x0c, '#a,b+c"d\\e<f>;/=')],
    ['U+0000', text(0x0c, 'a\0b')],
    ['no character', tlv(0x0c)],
  ])('of a %s', (_, value) => {
    const subject = name(organization, cn(value));
    expect([readCommonName(subject)]).toEqual(opensslCommonNames(subject));
  });

  test('of several is the last, wherever it stands', () => {
    const [first, second] = [cn(text(0x0c, 'first')), cn(text(0x13, 'second'))];
    for (const subject of [name(first, second, organization), name(second, organization, first)]) {
      expect(readCommonName(subject)).toBe(opensslCommonNames(subject).at(-1));
    }
    const [a, b] = [attribute(OID.commonName, text(0x0c, 'a')), attribute(OID.commonName, text(0x0c, 'b'))];
    const together = name(rdn(b, a), organization);
    expect(opensslCommonNames(together)).toEqual(['a + CN=b']);
    expect(readCommonName(together)).toBe('b');
  });

  test('of none is none', () => {
    for (const subject of [name(organization), name()]) {
      expect(opensslCommonNames(subject)).toEqual([]);
      expect(readCommonName(subject)).toBeNull();
    }
  });

  test('of any characters, in any of the types that hold them', () => {
    const character = fc.integer({ min: 0x20, max: 0xd7ff }).filter((code) => code < 0x7f || code > 0x9f);
    const characters = fc.array(
      character.map((code) => String.fromCodePoint(code)),
      { minLength: 1, maxLength: 20 },
    );
    const typed = fc.tuple(characters, fc.constantFrom(0x0c, 0x1e, 0x1c)).map(([list, tag]) => ({
      characters: list.join(''),
      value: tlv(tag, encode(list.join(''), tag)),
    }));
    // Many in one name, because each run of openssl is a process.
    fc.assert(
      fc.property(fc.array(typed, { minLength: 20, maxLength: 40 }), (values) => {
        const printed = opensslCommonNames(name(...values.map(({ value }) => cn(value))));
        expect(values.map(({ value }) => readCommonName(name(cn(value))))).toEqual(printed);
        expect(printed).toEqual(values.map(({ characters: expected }) => expected));
      }),
      { numRuns: 6 },
    );
  });
});

function encode(characters: string, tag: number): Buffer {
  if (tag === 0x0c) return Buffer.from(characters, 'utf8');
  const utf16 = Buffer.from(characters, 'utf16le').swap16();
  const units = Array.from({ length: utf16.length / 2 }, (_, index) => utf16.subarray(2 * index, 2 * index + 2));
  return tag === 0x1e ? utf16 : Buffer.concat(units.flatMap((unit) => [Buffer.alloc(2), unit]));
}

describe('a common name that openssl would not read', () => {
  test('because of a surrogate pair of a BMPString is the character', () => {
    expect(readCommonName(name(cn(tlv(0x1e, hex('d8 3d de 00')))))).toBe('\u{1f600}');
  });

  test.each<[string, Buffer]>([
    ['half a surrogate pair', tlv(0x1e, hex('d8 3d 00 41'))],
    ['a BMPString of odd length', tlv(0x1e, hex('00 41 00'))],
    ['a UTF8String that is none', tlv(0x0c, hex('ff'))],
    ['a UniversalString beyond Unicode', tlv(0x1c, hex('00 11 00 00'))],
    ['a VisibleString', text(0x1a, 'a')],
    ['an INTEGER', hex('02 01 05')],
    ['a SEQUENCE', sequence(text(0x0c, 'a'))],
    ['a BIT STRING', tlv(0x03, hex('00 41'))],
  ])('because it is %s is none, and one before it stands for it', (_, value) => {
    expect(readCommonName(name(cn(value)))).toBeNull();
    expect(readCommonName(name(cn(text(0x0c, 'general')), cn(value)))).toBe('general');
  });

  test('because there is no name at all is refused', () => {
    expect(() => readCommonName(hex('31 00'))).toThrow(NotAName);
    expect(() => readNameForms(hex('30 01'))).toThrow(NotAName);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (octets) => {
        try {
          readCommonName(Buffer.from(octets));
        } catch (error) {
          expect(error).toBeInstanceOf(X509Error);
        }
      }),
    );
  });
});
