import { describe, expect, test } from 'vitest';
import { readCertificate } from '../../src/x509/certificate-structure.ts';
import { BeyondLimits, type CertificateFacts, describeCertificate, NotACertificate } from '../../src/x509/index.ts';
import { certificate, commonName, hex, integer, OID, pem, sequence, text, tlv } from './support/der.ts';

const BASIC_CONSTRAINTS = hex('06 03 55 1d 13');
const SUBJECT_KEY_ID = hex('06 03 55 1d 0e');
const AUTHORITY_KEY_ID = hex('06 03 55 1d 23');
const SUBJECT_ALT_NAME = hex('06 03 55 1d 11');
const TRUE = hex('01 01 ff');

const extension = (type: Buffer, value: Buffer): Buffer => sequence(type, tlv(0x04, value));
const withExtensions = (...extensions: Buffer[]): CertificateFacts =>
  describeCertificate(pem('CERTIFICATE', certificate({ extensions: tlv(0xa3, sequence(...extensions)) })));

describe('basicConstraints (RFC 5280 §4.2.1.9)', () => {
  test.each<[string, Buffer, boolean, number | null]>([
    ['nothing, by default no CA', sequence(), false, null],
    ['a CA', sequence(TRUE), true, null],
    ['a CA with none below it', sequence(TRUE, integer(0n)), true, 0],
    ['a path length', sequence(TRUE, integer(5n)), true, 5],
    ['a path length of 32 bits', sequence(TRUE, integer(2n ** 32n - 1n)), true, 2 ** 32 - 1],
    ['a path length of 33 bits', sequence(TRUE, integer(2n ** 32n)), true, 2 ** 32],
    ['a path length of 64 bits', sequence(TRUE, integer(2n ** 64n - 1n)), true, 2 ** 64],
    ['a path length without a CA, which means nothing', sequence(integer(5n)), false, null],
  ])('%s', (_, value, isCa, pathLength) => {
    expect(withExtensions(extension(BASIC_CONSTRAINTS, value))).toMatchObject({ isCa, pathLength });
  });

  test.each<[string, Buffer]>([
    ['FALSE, though DER leaves it out', sequence(hex('01 01 00'))],
    ['FALSE and a path length', sequence(hex('01 01 00'), integer(5n))],
    ['a BOOLEAN that is neither', sequence(hex('01 01 01'))],
    ['such a BOOLEAN and a path length', sequence(hex('01 01 01'), integer(5n))],
    ['a negative path length', sequence(TRUE, hex('02 01 ff'))],
    ['a path length of 65 bits', sequence(TRUE, integer(2n ** 64n))],
    ['another path length after the first', sequence(TRUE, integer(0n), integer(0n))],
    ['another type after the path length', sequence(TRUE, integer(5n), hex('05 00'))],
    ['another type', tlv(0x31, TRUE)],
    ['something after it', Buffer.concat([sequence(TRUE), hex('00')])],
    ['nothing at all', Buffer.alloc(0)],
  ])('malformed is no CA: %s', (_, value) => {
    expect(withExtensions(extension(BASIC_CONSTRAINTS, value))).toMatchObject({ isCa: false, pathLength: null });
  });

  test('it is found behind others, critical or not', () => {
    const critical = sequence(BASIC_CONSTRAINTS, TRUE, tlv(0x04, sequence(TRUE)));
    expect(withExtensions(extension(SUBJECT_KEY_ID, tlv(0x04, hex('01'))), critical).isCa).toBe(true);
  });
});

describe('key identifiers (RFC 5280 §4.2.1.1, §4.2.1.2) are lower-case hex', () => {
  test.each<[string, Buffer, string | null]>([
    ['an OCTET STRING', tlv(0x04, hex('AB cd 00')), 'abcd00'],
    ['an empty one', tlv(0x04), ''],
    ['another type', tlv(0x03, hex('00')), null],
  ])("the subject's: %s", (_, value, expected) => {
    expect(withExtensions(extension(SUBJECT_KEY_ID, value)).subjectKeyId).toBe(expected);
  });

  const key = tlv(0x80, hex('AB cd'));
  const issuer = tlv(0xa1, tlv(0xa4, commonName('x')));
  const serialNumber = tlv(0x82, hex('05'));
  test.each<[string, Buffer, string | null]>([
    ['a keyIdentifier', sequence(key), 'abcd'],
    ['one beside issuer and serial number', sequence(key, issuer, serialNumber), 'abcd'],
    ['one beside an issuer alone', sequence(key, issuer), 'abcd'],
    ['one beside a serial number alone', sequence(key, serialNumber), 'abcd'],
    ['issuer and serial number alone', sequence(issuer, serialNumber), null],
    ['nothing', sequence(), null],
    ['another type', tlv(0x04, hex('ab')), null],
    ['members in another order', sequence(issuer, key, serialNumber), null],
    ['an unknown member', sequence(key, tlv(0x83, hex('05'))), null],
    ['a member that stands twice', sequence(key, key), null],
    ['an issuer that is no encoding', sequence(key, tlv(0xa1, hex('82 05')), serialNumber), null],
  ])("the authority's: %s", (_, value, expected) => {
    expect(withExtensions(extension(AUTHORITY_KEY_ID, value)).authorityKeyId).toBe(expected);
  });
});

describe('subjectAltName (RFC 5280 §4.2.1.6)', () => {
  const NONE = { dns: [], ip: [], email: [], uri: [], directory: [], registeredId: [], other: [] };
  const namesOf = (...names: Buffer[]) =>
    withExtensions(extension(SUBJECT_ALT_NAME, sequence(...names))).subjectAltNames;
  const otherName = tlv(0xa0, hex('06 03 2a 03 04'), tlv(0xa0, text(0x0c, 'hi')));

  test('each kind has its list, in the order of the certificate', () => {
    const names = namesOf(
      text(0x82, 'b.example'),
      tlv(0x87, hex('c0 00 02 01')),
      text(0x81, 'a@b.example'),
      otherName,
      text(0x86, 'https://u.example/'),
      tlv(0xa4, commonName('d')),
      tlv(0x88, hex('2a 03 04')),
      tlv(0xa3, hex('30 00')),
      tlv(0xa5, hex('81 01 61')),
      text(0x82, 'a.example'),
    );
    expect(names).toEqual({
      dns: ['b.example', 'a.example'],
      ip: ['192.0.2.1'],
      email: ['a@b.example'],
      uri: ['https://u.example/'],
      directory: ['CN=d'],
      registeredId: ['1.2.3.4'],
      other: ['1.2.3.4=#0c026869', 'x400Address=#a3023000', 'ediPartyName=#a503810161'],
    });
  });

  test('a text is UTF-8, and Latin-1 where it is not', () => {
    expect(namesOf(text(0x82, 'ä'), text(0x82, 'ä', 'latin1'), text(0x82, 'a\0b')).dns).toEqual(['ä', 'ä', 'a\0b']);
  });

  test.each<[string, Buffer]>([
    ['a kind beyond the nine', tlv(0x89, hex('61'))],
    ['a dNSName that is constructed', tlv(0xa2, text(0x16, 'a'))],
    ['a directoryName that is primitive', tlv(0x84, commonName('d'))],
    ['a directoryName with something after it', tlv(0xa4, commonName('d'), hex('05 00'))],
    ['an otherName without a value', tlv(0xa0, hex('06 03 2a 03 04'))],
    ['an otherName of two values', tlv(0xa0, hex('06 03 2a 03 04'), tlv(0xa0, hex('05 00 05 00')))],
    ['an otherName with something after it', tlv(0xa0, hex('06 03 2a 03 04'), tlv(0xa0, hex('05 00')), hex('05 00'))],
    ['an OBJECT IDENTIFIER that is padded', tlv(0x88, hex('2a 80 01'))],
  ])('malformed gives no names at all: %s', (_, name) => {
    expect(namesOf(text(0x82, 'sound.example'), name)).toEqual(NONE);
  });

  test('an empty one has no names', () => expect(namesOf()).toEqual(NONE));

  test('10,000 names are kept, one more is beyond the limit', () => {
    const names = Array.from({ length: 10_001 }, () => text(0x82, 'a'));
    expect(namesOf(...names.slice(1)).dns).toHaveLength(10_000);
    expect(() => namesOf(...names)).toThrow(expect.objectContaining({ limit: 'ALTERNATIVE_NAMES' }));
    expect(() => namesOf(...names)).toThrow(BeyondLimits);
  });
});

describe('an extension (RFC 5280 §4.1.2.9) that can not be read refuses the certificate', () => {
  const type = SUBJECT_ALT_NAME;
  test.each<[string, Buffer]>([
    ['critical FALSE', sequence(type, hex('01 01 00'), tlv(0x04))],
    ['a BOOLEAN of two octets', sequence(type, hex('01 02 ff ff'), tlv(0x04))],
    ['no value', sequence(type)],
    ['a value that is no OCTET STRING', sequence(type, sequence())],
    ['something after the value', sequence(type, tlv(0x04), hex('05 00'))],
    ['no type', sequence(tlv(0x04))],
  ])('%s', (_, broken) => expect(() => withExtensions(broken)).toThrow(NotACertificate));
});

test('an extension that stands twice gives no facts (RFC 5280 §4.2)', () => {
  const names = (value: string) => extension(SUBJECT_ALT_NAME, sequence(text(0x82, value)));
  const facts = withExtensions(
    extension(BASIC_CONSTRAINTS, sequence(TRUE)),
    extension(BASIC_CONSTRAINTS, sequence()),
    extension(SUBJECT_KEY_ID, tlv(0x04, hex('01'))),
    extension(SUBJECT_KEY_ID, tlv(0x04, hex('01'))),
    extension(AUTHORITY_KEY_ID, sequence(tlv(0x80, hex('01')))),
    extension(AUTHORITY_KEY_ID, sequence(tlv(0x80, hex('01')))),
    names('a.example'),
    names('b.example'),
  );
  expect(facts).toMatchObject({ isCa: false, pathLength: null, subjectKeyId: null, authorityKeyId: null });
  expect(facts.subjectAltNames.dns).toEqual([]);
});

test('an extension is kept with its type, whether it is critical, and the DER inside', () => {
  const [first, second] = [
    sequence(SUBJECT_ALT_NAME, TRUE, tlv(0x04, hex('30 00'))),
    extension(SUBJECT_KEY_ID, hex('04 00')),
  ];
  const read = (extensions?: Buffer) =>
    readCertificate(certificate(extensions === undefined ? {} : { extensions })).extensions;
  expect(read(tlv(0xa3, sequence(first, second)))).toEqual([
    { oid: '2.5.29.17', critical: true, value: hex('30 00') },
    { oid: '2.5.29.14', critical: false, value: hex('04 00') },
  ]);
  expect(read(tlv(0xa3, sequence()))).toEqual([]);
  expect(read()).toEqual([]);
});

describe('unique identifiers (RFC 5280 §4.1.2.8) may stand before the extensions', () => {
  const [issuer, subject] = [tlv(0x81, hex('00 ff')), tlv(0x82, hex('04 f0'))];
  const load = (...parts: Buffer[]) =>
    describeCertificate(pem('CERTIFICATE', certificate({ extensions: Buffer.concat(parts) })));
  const ca = tlv(0xa3, sequence(extension(BASIC_CONSTRAINTS, sequence(TRUE))));

  test.each<[string, Buffer[]]>([
    ["the issuer's", [issuer, ca]],
    ["the subject's", [subject, ca]],
    ['both', [issuer, subject, ca]],
  ])('%s', (_, parts) => expect(load(...parts).isCa).toBe(true));

  test.each<[string, Buffer[]]>([
    ['unused bits that are set', [tlv(0x81, hex('04 ff'))]],
    ["unused bits of the subject's that are set", [tlv(0x82, hex('04 ff'))]],
    ['no count of unused bits', [tlv(0x82)]],
    ['the wrong order', [subject, issuer]],
    ['two of one kind', [issuer, issuer]],
    ['extensions before them', [ca, issuer]],
    ['a third kind', [tlv(0x84, hex('00'))]],
  ])('%s refuses the certificate', (_, parts) => expect(() => load(...parts)).toThrow(NotACertificate));
});

describe('a certificate that names itself as its issuer', () => {
  const load = (publicKey: Buffer, signatureAlgorithm = sequence(OID.ed25519)) =>
    describeCertificate(
      pem(
        'CERTIFICATE',
        certificate({ issuer: commonName('x'), subject: commonName('x'), publicKey, signatureAlgorithm }),
      ),
    );
  const key = (octets: number): Buffer =>
    sequence(sequence(OID.ed25519), tlv(0x03, hex('00'), Buffer.alloc(octets, 1)));

  test.each<[string, Buffer, Buffer?]>([
    ['whose signature is nonsense', key(32)],
    ['whose key can not be loaded', key(31)],
    ['whose signature is of an algorithm that nobody knows', key(32), sequence(hex('06 03 2a 03 04'))],
  ])('%s is not self-signed', (_, publicKey, algorithm) => expect(load(publicKey, algorithm).selfSigned).toBe(false));
});
