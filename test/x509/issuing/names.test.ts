import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseDer } from '../../../src/x509/der/reader.ts';
import { CannotIssue } from '../../../src/x509/index.ts';
import { encodeName, type NewName, problemsOfName } from '../../../src/x509/issuing/names.ts';
import { readName } from '../../../src/x509/name.ts';
import { formatName } from '../../../src/x509/rfc4514.ts';
import { openssl } from '../../support/openssl.ts';
import { pem } from '../support/der.ts';

/** What openssl prints of each value: its type and its text. */
function dump(name: NewName): string[] {
  const printed = openssl(['asn1parse'], pem('NAME', encodeName(name)));
  return [...printed.matchAll(/prim: ([A-Z0-9]+) *:(.*)/g)].map(([, type, text]) => `${type} ${text}`);
}

const codes = (name: NewName): string[] => problemsOfName(name).map(({ code }) => code);
const one = (type: string, value: string): NewName => [{ type, value }];

describe('the string type of each attribute is the one of RFC 5280 Appendix A and RFC 4519', () => {
  test.each([
    ['C', 'DE', 'OBJECT countryName', 'PRINTABLESTRING DE'],
    ['serialNumber', 'A-1 (2)', 'OBJECT serialNumber', 'PRINTABLESTRING A-1 (2)'],
    ['dnQualifier', 'q', 'OBJECT dnQualifier', 'PRINTABLESTRING q'],
    ['DC', 'example', 'OBJECT domainComponent', 'IA5STRING example'],
    ['emailAddress', 'a@b.example', 'OBJECT emailAddress', 'IA5STRING a@b.example'],
    ['CN', 'a', 'OBJECT commonName', 'UTF8STRING a'],
    ['SN', 'a', 'OBJECT surname', 'UTF8STRING a'],
    ['L', 'a', 'OBJECT localityName', 'UTF8STRING a'],
    ['ST', 'a', 'OBJECT stateOrProvinceName', 'UTF8STRING a'],
    ['STREET', 'a', 'OBJECT streetAddress', 'UTF8STRING a'],
    ['O', 'a', 'OBJECT organizationName', 'UTF8STRING a'],
    ['OU', 'a', 'OBJECT organizationalUnitName', 'UTF8STRING a'],
    ['title', 'a', 'OBJECT title', 'UTF8STRING a'],
    ['description', 'a', 'OBJECT description', 'UTF8STRING a'],
    ['businessCategory', 'a', 'OBJECT businessCategory', 'UTF8STRING a'],
    ['postalCode', 'a', 'OBJECT postalCode', 'UTF8STRING a'],
    ['name', 'a', 'OBJECT name', 'UTF8STRING a'],
    ['GN', 'a', 'OBJECT givenName', 'UTF8STRING a'],
    ['initials', 'a', 'OBJECT initials', 'UTF8STRING a'],
    ['generationQualifier', 'a', 'OBJECT generationQualifier', 'UTF8STRING a'],
    ['pseudonym', 'a', 'OBJECT pseudonym', 'UTF8STRING a'],
    ['organizationIdentifier', 'a', 'OBJECT organizationIdentifier', 'UTF8STRING a'],
    ['UID', 'a', 'OBJECT userId', 'UTF8STRING a'],
    ['jurisdictionL', 'a', 'OBJECT jurisdictionLocalityName', 'UTF8STRING a'],
    ['jurisdictionST', 'a', 'OBJECT jurisdictionStateOrProvinceName', 'UTF8STRING a'],
    ['jurisdictionC', 'DE', 'OBJECT jurisdictionCountryName', 'PRINTABLESTRING DE'],
    ['1.2.3.4', 'a', 'OBJECT 1.2.3.4', 'UTF8STRING a'],
    ['2.5.4.6', 'DE', 'OBJECT countryName', 'PRINTABLESTRING DE'],
    ['2.25.1', 'a', 'OBJECT 2.25.1', 'UTF8STRING a'],
    ['countryName', 'DE', 'OBJECT countryName', 'PRINTABLESTRING DE'],
    ['ou', 'a', 'OBJECT organizationalUnitName', 'UTF8STRING a'],
  ])('%s', (type, value, object, string) => expect(dump(one(type, value))).toEqual([object, string]));
});

describe('an attribute type is found by its other names in RFC 4519 and RFC 2985, too', () => {
  test.each([
    ['commonName', 'commonName'],
    ['surname', 'surname'],
    ['localityName', 'localityName'],
    ['stateOrProvinceName', 'stateOrProvinceName'],
    ['S', 'stateOrProvinceName'],
    ['street', 'streetAddress'],
    ['streetAddress', 'streetAddress'],
    ['organizationName', 'organizationName'],
    ['organizationalUnitName', 'organizationalUnitName'],
    ['givenName', 'givenName'],
    ['userId', 'userId'],
    ['domainComponent', 'domainComponent'],
    ['email', 'emailAddress'],
    ['E', 'emailAddress'],
  ])('%s', (type, object) => expect(dump(one(type, 'a'))[0]).toBe(`OBJECT ${object}`));
});

test('a dotted type may be any that X.690 §8.19.4 lets be written, in up to 63 octets', () => {
  for (const type of ['0.0', '0.39', '1.39', '2.40', '2.999', `1.2${'.1'.repeat(62)}`]) {
    expect(dump(one(type, 'a'))[0]).toMatch(/^OBJECT /);
    expect(formatName(parseDer(encodeName(one(type, 'a')), readName))).toBe(`${type}=a`);
  }
});

test('an arc of 128 bits is written whole, as openssl reads it back', () => {
  const uuidArc = '2.25.340282366920938463463374607431768211455';
  expect(dump(one(uuidArc, 'a'))[0]).toBe(`OBJECT ${uuidArc}`);
});

test('a dotted type is written as long as 63 octets hold it, as openssl reads it back', () => {
  const longest = `1.2${'.127'.repeat(62)}`;
  expect(dump(one(longest, 'a'))[0]).toBe(`OBJECT ${longest}`);
  expect(codes(one(`${longest}.1`, 'a'))).toEqual(['NAME_TYPE_UNKNOWN']);
});

test('RDNs keep their order, also where a type is repeated', () => {
  const name = [...one('OU', 'b'), ...one('OU', 'a'), ...one('C', 'DE'), ...one('OU', 'b')];
  expect(dump(name).filter((line) => !line.startsWith('OBJECT'))).toEqual([
    'UTF8STRING b',
    'UTF8STRING a',
    'PRINTABLESTRING DE',
    'UTF8STRING b',
  ]);
});

test('the attributes of one RDN are in the order of their encodings (X.690 §11.6), however they were given', () => {
  const attributes = [
    { type: 'UID', value: '1' },
    { type: 'CN', value: 'longer than the others' },
    { type: 'OU', value: 'x' },
  ];
  const encoded = encodeName([attributes]);
  expect(encodeName([attributes.toReversed()])).toEqual(encoded);
  // The shortest first, as the length stands in front.
  expect(formatName(parseDer(encoded, readName))).toBe('OU=x+UID=1+CN=longer than the others');
});

describe('each upper bound of RFC 5280 Appendix A.1 is kept, in characters and not in octets', () => {
  test.each([
    ['CN', 64],
    ['O', 64],
    ['OU', 64],
    ['title', 64],
    ['L', 128],
    ['ST', 128],
    ['pseudonym', 128],
  ])('%s: %i', (type, bound) => {
    expect(codes(one(type, '😀'.repeat(bound)))).toEqual([]);
    expect(codes(one(type, '😀'.repeat(bound + 1)))).toEqual(['NAME_VALUE_TOO_LONG']);
  });

  test.each([
    ['serialNumber', 64],
    ['emailAddress', 255],
  ])('%s: %i', (type, bound) => {
    expect(codes(one(type, 'x'.repeat(bound)))).toEqual([]);
    expect(codes(one(type, 'x'.repeat(bound + 1)))).toEqual(['NAME_VALUE_TOO_LONG']);
  });

  test('none where it sets none', () => {
    for (const type of ['DC', 'UID', 'STREET', 'dnQualifier', '1.2.3'])
      expect(codes(one(type, 'x'.repeat(5000)))).toEqual([]);
  });
});

describe('refused', () => {
  test.each<[string, NewName, ...string[]]>([
    ['a type without a name', one('XX', 'a'), 'NAME_TYPE_UNKNOWN'],
    ['no type', one('', 'a'), 'NAME_TYPE_UNKNOWN'],
    ['a property of every object', one('constructor', 'a'), 'NAME_TYPE_UNKNOWN'],
    ['a dotted type below no root', one('3.1', 'a'), 'NAME_TYPE_UNKNOWN'],
    ['a dotted type below a root of two digits', one('31.2', 'a'), 'NAME_TYPE_UNKNOWN'],
    ['a dotted type with something behind it', one('1.2.3.', 'a'), 'NAME_TYPE_UNKNOWN'],
    ['64 octets', one(`1.2${'.1'.repeat(63)}`, 'a'), 'NAME_TYPE_UNKNOWN'],
    ['a second arc over 39', one('1.40', 'a'), 'NAME_TYPE_UNKNOWN'],
    ['one arc', one('1', 'a'), 'NAME_TYPE_UNKNOWN'],
    ['a padded arc', one('1.2.03', 'a'), 'NAME_TYPE_UNKNOWN'],
    ['an arc of 129 bits', one('2.25.340282366920938463463374607431768211456', 'a'), 'NAME_TYPE_UNKNOWN'],
    ['more octets than are read', one(`1.2${'.999999'.repeat(21)}`, 'a'), 'NAME_TYPE_UNKNOWN'],
    ['an empty value', one('CN', ''), 'NAME_VALUE_EMPTY'],
    ['U+0000', one('CN', 'good.example\0.bad.example'), 'NAME_VALUE_UNFIT'],
    ['U+0000 in IA5String', one('DC', '\0'), 'NAME_VALUE_UNFIT'],
    ['half a surrogate pair', one('CN', '\ud800'), 'TEXT_NOT_UNICODE'],
    ['what PrintableString lacks', one('serialNumber', 'a@b'), 'NAME_VALUE_UNFIT'],
    ['what IA5String lacks', one('emailAddress', 'ä@b'), 'NAME_VALUE_UNFIT'],
    ['a country of one letter', one('C', 'D'), 'COUNTRY_NOT_TWO_LETTERS'],
    ['a country of three letters', one('C', 'DEU'), 'COUNTRY_NOT_TWO_LETTERS'],
    ['a country of digits', one('C', '49'), 'COUNTRY_NOT_TWO_LETTERS'],
    ['no country', one('jurisdictionC', ''), 'COUNTRY_NOT_TWO_LETTERS'],
    ['an RDN without attributes', [[]], 'NAME_RDN_MALFORMED'],
    [
      'a type twice in one RDN',
      [
        [
          { type: 'CN', value: 'a' },
          { type: '2.5.4.3', value: 'b' },
        ],
      ],
      'NAME_RDN_MALFORMED',
    ],
    ['more than is read back', Array.from({ length: 9 }, () => one('1.2.3', 'x'.repeat(2000))).flat(), 'NAME_TOO_LONG'],
    ['more RDNs than are read back', Array.from({ length: 10_000 }, () => one('CN', 'x')).flat(), 'NAME_TOO_LONG'],
    [
      'several things',
      [...one('C', 'x'), ...one('CN', ''), ...one('OU', '')],
      'COUNTRY_NOT_TWO_LETTERS',
      'NAME_VALUE_EMPTY',
    ],
  ])('%s', (_what, name, ...expected) => {
    expect(codes(name)).toEqual(expected);
    expect(() => encodeName(name)).toThrow(CannotIssue);
  });
});

test('an empty name is sound', () => {
  expect(encodeName([])).toEqual(Buffer.from([0x30, 0]));
});

test('whatever value is taken reads back as it was given', () => {
  const value = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }).filter((text) => !text.includes('\0'));
  const type = fc.constantFrom('CN', 'O', 'OU', 'L', 'ST', 'STREET', 'UID', 'title', '1.2.3.4');
  fc.assert(
    fc.property(fc.array(fc.record({ type, value }), { maxLength: 6 }), (name) => {
      fc.pre(problemsOfName(name).length === 0);
      const { rdns } = parseDer(encodeName(name), readName);
      expect(rdns.map(([attribute]) => attribute?.value.content.toString('utf8'))).toEqual(
        name.map((attribute) => attribute.value),
      );
    }),
    { numRuns: 300 },
  );
});
