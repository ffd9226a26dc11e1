import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BeyondLimits, formatOneLine, hashName, NotAName, X509Error } from '../../src/x509/index.ts';
import { openssl } from '../support/openssl.ts';
import { attribute, certificate, commonName, hex, name, OID, pem, rdn, sequence, text, tlv } from './support/der.ts';
import { askOpenssl, type Verdict } from './support/names-by-openssl.ts';

/** What ours say; null only where both do. */
function ours(nameDer: Buffer): Verdict {
  const [line, hash] = [formatOneLine(nameDer), hashName(nameDer)];
  return line === null || hash === null ? null : { line, hash };
}

/** An OBJECT IDENTIFIER from its dotted form. */
function oid(dotted: string): Buffer {
  const [first = 0n, second = 0n, ...others] = dotted.split('.').map(BigInt);
  const octets = [first * 40n + second, ...others].flatMap((arc) => {
    const groups = [Number(arc & 127n)];
    for (let rest = arc >> 7n; rest > 0n; rest >>= 7n) groups.unshift(Number(rest & 127n) | 0x80);
    return groups;
  });
  return tlv(0x06, Buffer.from(octets));
}

const range = (arc: string, count: number): string[] => Array.from({ length: count }, (_, index) => `${arc}.${index}`);
const TYPES = [
  ...range('2.5.4', 110),
  ...range('0.9.2342.19200300.100.1', 70),
  ...range('2.5.29', 60),
  ...range('1.2.840.113549.1.9', 30),
  ...range('1.3.6.1.4.1.311.60.2.1', 5),
  ...range('1.3.6.1.5.5.7.9', 7),
  ...range('1.3.6.1.5.5.7.10', 8),
  ...range('1.2.643.100', 10),
  '1.2.643.3.131.1.1',
  '1.3.6.1.4.1.311.20.2.3',
  '1.2.3.4.5',
  '2.999.1',
  `1.3.6.1.4.1.${'123456789'.repeat(4)}`,
  `2.5.4.${'99999.'.repeat(18)}1`,
];
const single = (value: Buffer): Buffer => name(rdn(attribute(OID.commonName, value)));

test('the types OpenSSL has a short name for get it, the others are dotted, and cut where OpenSSL cuts', () => {
  const attributes = TYPES.map((type) => rdn(attribute(oid(type), text(0x0c, 'x'))));
  const all = name(...attributes);
  expect(formatOneLine(all)).toBe(askOpenssl([all])[0]?.line);
});

test('the types that stand alone get their short names too, each in a name of its own', () => {
  const types = [
    ...range('1.2.643.100', 115),
    ...range('1.2.643.100.113', 8),
    ...range('1.2.840.113549.1.9.22', 4),
    ...range('1.2.840.113549.1.9.23', 3),
    ...range('1.3.6.1.4.1.311.17', 3),
    '1.3.6.1.4.1.311.20.2.3',
    '1.3.6.1.4.1.1466.344',
    '1.3.36.8.3.3',
  ];
  const names = types.map((type) => name(rdn(attribute(oid(type), text(0x0c, 'x')))));
  expect(names.map(formatOneLine)).toEqual(askOpenssl(names).map((verdict) => verdict?.line));
});

describe('a name of one value, as OpenSSL has it', () => {
  const values: Record<string, Buffer> = {
    'PrintableString in mixed case, with blanks': text(0x13, '  Some   Name '),
    'UTF8String of one character beyond ASCII': text(0x0c, '\u00c4\u00d6 \u{1f600}'),
    'blanks beyond ASCII': text(0x0c, '\u00a0x\u2003y\u00a0'),
    'tabs and line feeds': text(0x0c, '\t\n\v\f\r a \r\n\t b\n'),
    'nothing but blanks': text(0x0c, ' \t '),
    nothing: tlv(0x0c),
    'zeros and controls': text(0x0c, 'a\0b\x1b\x7fc'),
    'characters that RFC 4514 escapes': text(0x0c, '#a,b+c"d\\e<f>;/=  '),
    'UTF8String that is none': tlv(0x0c, hex('ff')),
    'UTF8String with half a surrogate pair': tlv(0x0c, hex('ed a0 80')),
    'UTF8String beyond Unicode': tlv(0x0c, hex('f4 90 80 80')),
    'UTF8String of one octet too many': tlv(0x0c, hex('c1 81')),
    'PrintableString with other characters': text(0x13, 'a@b*'),
    'PrintableString beyond ASCII': tlv(0x13, hex('e9')),
    'IA5String beyond ASCII': tlv(0x16, hex('41 e9')),
    T61String: tlv(0x14, hex('41 e4 c4 80 20 20 42')),
    'NumericString, whose blanks count': text(0x12, ' 12  34 '),
    'NumericString with letters, whose case counts': text(0x12, 'Ab'),
    BMPString: tlv(0x1e, hex('00 41 00 20 00 20 04 16 00 c4')),
    'BMPString with a surrogate pair': tlv(0x1e, hex('d8 3d de 00')),
    'BMPString of odd length': tlv(0x1e, hex('00 41 00')),
    UniversalString: tlv(0x1c, hex('00 00 00 41 00 01 f6 00')),
    'UniversalString beyond Unicode': tlv(0x1c, hex('00 11 00 00')),
    'UniversalString of broken length': tlv(0x1c, hex('00 00 41')),
    'VisibleString, which OpenSSL refuses': text(0x1a, 'a'),
    GeneralString: text(0x1b, 'a'),
    GraphicString: text(0x19, 'a'),
    VideotexString: text(0x15, 'a'),
    'OCTET STRING': text(0x04, 'a'),
    UTCTime: text(0x17, '200101000000Z'),
    GeneralizedTime: text(0x18, '20200101000000Z'),
    INTEGER: hex('02 01 05'),
    BOOLEAN: hex('01 01 ff'),
    NULL: hex('05 00'),
    'OBJECT IDENTIFIER': OID.commonName,
    'BIT STRING': tlv(0x03, hex('00 41 42')),
    'BIT STRING with unused bits': tlv(0x03, hex('04 41 f0')),
    'BIT STRING with unused bits that are set': tlv(0x03, hex('04 41 ff')),
    'BIT STRING without bits': tlv(0x03, hex('00')),
    'BIT STRING without bits, of which some are unused': tlv(0x03, hex('03')),
    'BIT STRING with a wrong count': tlv(0x03, hex('08 41')),
    'empty BIT STRING': tlv(0x03),
    ENUMERATED: hex('0a 01 41'),
    SEQUENCE: sequence(text(0x0c, 'A b'), hex('02 01 05')),
    'SEQUENCE of nonsense': tlv(0x30, hex('ff ff ff')),
    SET: tlv(0x31, text(0x0c, 'a')),
    'ObjectDescriptor, of which OpenSSL knows nothing': text(0x07, ' A  b '),
    'EXTERNAL, constructed': tlv(0x28, text(0x0c, 'A'), tlv(0x24, text(0x04, 'b'))),
    REAL: hex('09 01 40'),
    'EMBEDDED PDV': text(0x0b, 'A'),
    'RELATIVE-OID': text(0x0d, 'A'),
    'TIME, which has no letter case': text(0x0e, 'A'),
    'the fifteenth': text(0x0f, 'A'),
    'CHARACTER STRING': text(0x1d, 'A'),
    'UTF8String in parts': tlv(0x2c, text(0x0c, 'A '), text(0x04, ' B')),
    'UTF8String in parts of parts, deep': [1, 2, 3, 4, 5].reduce((inner) => tlv(0x2c, inner), text(0x0c, 'A')),
    'UTF8String in parts of parts, deeper': [1, 2, 3, 4, 5, 6, 7, 8].reduce(
      (inner) => tlv(0x2c, inner),
      text(0x0c, 'A'),
    ),
    'BIT STRING in parts': tlv(0x23, tlv(0x03, hex('00 41')), tlv(0x03, hex('00 42'))),
    'of the context class': hex('80 01 41'),
    'of the application class': hex('4c 01 41'),
    'a tag in the long form': hex('1f 1f 01 41'),
  };
  const names = Object.values(values).map(single);
  const verdicts = askOpenssl(names);

  test.each(Object.keys(values).map((title, index) => [title, index] as const))('%s', (_, index) => {
    expect(ours(names[index] as Buffer)).toEqual(verdicts[index]);
  });
});

describe('the shape of a name', () => {
  const cn = (value: string): Buffer => attribute(OID.commonName, text(0x0c, value));
  const org = (value: string): Buffer => attribute(OID.organization, text(0x0c, value));
  const shapes: Record<string, Buffer> = {
    empty: name(),
    'two attributes in one RDN': name(rdn(cn('a'), org('b'))),
    'the same in two RDNs': name(rdn(cn('a')), rdn(org('b'))),
    'attributes whose canonical order is another': name(rdn(cn('B'), cn('aa'), cn('C '))),
    'attributes that are equal but for their case': name(rdn(cn('A'), cn('a'))),
    'attributes out of order': name(tlv(0x31, org('b'), cn('a'))),
    'an RDN of nothing among others': name(rdn(cn('a')), tlv(0x31), rdn(org('b'))),
    'an RDN of nothing alone': name(tlv(0x31)),
    'many RDNs': name(...Array.from({ length: 300 }, (_, index) => rdn(cn(`Number ${index}`)))),
    'a long value': name(rdn(cn('x \u00e4'.repeat(20_000)))),
  };
  const verdicts = askOpenssl(Object.values(shapes));

  test.each(Object.keys(shapes).map((title, index) => [title, index] as const))('%s', (title, index) => {
    expect(ours(shapes[title] as Buffer)).toEqual(verdicts[index]);
    expect(verdicts[index]).not.toBeNull();
  });
});

/** Text with many blanks and letters of both cases, and now and then anything. */
const odd = fc.string({
  unit: fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom(...' \t\n\r\v\fAaZzÄäß\u00a0\u0130/\\=,+#"\0\x7f\u{10ffff}') },
    { weight: 1, arbitrary: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 1 }) },
  ),
  maxLength: 12,
});
const wide = (value: string, width: 2 | 4): Buffer =>
  Buffer.concat(
    Array.from(value, (character) => {
      const octets = Buffer.alloc(width);
      octets.writeUIntBE((character.codePointAt(0) ?? 0) % 256 ** width, 0, width);
      return octets;
    }),
  );
const octets = fc.uint8Array({ maxLength: 12 });
const value: fc.Arbitrary<Buffer> = fc.oneof(
  { weight: 4, arbitrary: odd.map((characters) => text(0x0c, characters)) },
  { weight: 1, arbitrary: odd.map((characters) => tlv(0x1e, wide(characters, 2))) },
  { weight: 1, arbitrary: odd.map((characters) => tlv(0x1c, wide(characters, 4))) },
  {
    weight: 3,
    arbitrary: fc
      .tuple(fc.constantFrom(0x12, 0x13, 0x14, 0x16, 0x07, 0x09, 0x0b, 0x0d, 0x1d), fc.oneof(octets, odd))
      .map(([tag, content]) => tlv(tag, Buffer.from(content as string, 'latin1'))),
  },
  {
    weight: 1,
    arbitrary: fc.tuple(fc.nat({ max: 7 }), octets).map(([unused, bits]) => tlv(0x03, Buffer.from([unused]), bits)),
  },
  { weight: 1, arbitrary: odd.map((characters) => sequence(text(0x13, characters))) },
);
const anyName = fc
  .array(fc.array(fc.tuple(fc.constantFrom(...TYPES), value), { minLength: 1, maxLength: 3 }), { maxLength: 4 })
  .map((rdns) =>
    name(...rdns.map((members) => rdn(...members.map(([type, content]) => attribute(oid(type), content))))),
  );

test('several hundred odd names have the line and the hash that OpenSSL gives them', () => {
  let taken = 0;
  fc.assert(
    fc.property(fc.array(anyName, { minLength: 400, maxLength: 400, size: 'max' }), (names) => {
      const verdicts = askOpenssl(names);
      taken = verdicts.filter((verdict) => verdict !== null).length;
      expect(names.map(ours)).toEqual(verdicts);
    }),
    { numRuns: 1, endOnFailure: true },
  );
  expect(taken).toBeGreaterThan(250);
});

test('both options of openssl x509 say the same', () => {
  const [subject, issuer] = [commonName('The Subject/a+b'), commonName('the ISSUER')];
  const printed = openssl(
    ['x509', '-noout', '-nameopt', 'compat', '-subject', '-issuer', '-subject_hash', '-issuer_hash'],
    pem('CERTIFICATE', certificate({ subject, issuer })),
  );
  const lines = [`subject=${formatOneLine(subject)}`, `issuer=${formatOneLine(issuer)}`];
  expect(printed.trim().split('\n')).toEqual([...lines, hashName(subject), hashName(issuer)]);
});

test('letter case and blanks of ASCII make no difference to the hash, everything else does', () => {
  expect(hashName(commonName(' EXAMPLE \t Name'))).toBe(hashName(commonName('example name')));
  expect(hashName(commonName('\u00c4'))).not.toBe(hashName(commonName('\u00e4')));
  expect(hashName(commonName('examplename'))).not.toBe(hashName(commonName('example name')));
});

test('what is no name is refused, and nothing but our own errors comes of any octets', () => {
  for (const bad of [Buffer.alloc(0), hex('30 01'), hex('31 00'), Buffer.concat([commonName('a'), hex('00')])]) {
    expect(() => hashName(bad)).toThrow(NotAName);
    expect(() => formatOneLine(bad)).toThrow(NotAName);
  }
  expect(() => hashName(name(Buffer.alloc(120_000, hex('31 00'))))).toThrow(BeyondLimits);
  fc.assert(
    fc.property(anyName, fc.nat(), fc.nat({ max: 255 }), (original, where, octet) => {
      const damaged = Buffer.from(original);
      damaged.writeUInt8(octet, where % damaged.length);
      for (const ask of [hashName, formatOneLine]) {
        try {
          ask(damaged);
        } catch (error) {
          expect(error).toBeInstanceOf(X509Error);
        }
      }
    }),
    { numRuns: 2000 },
  );
});
