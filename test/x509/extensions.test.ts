import { describe, expect, test } from 'vitest';
import { type CertificateFacts, describeCertificate } from '../../src/x509/index.ts';
import { certificate, commonName, hex, pem, sequence, text, tlv } from './support/der.ts';

const BASIC_CONSTRAINTS = hex('06 03 55 1d 13');
const SUBJECT_KEY_ID = hex('06 03 55 1d 0e');
const AUTHORITY_KEY_ID = hex('06 03 55 1d 23');
const SUBJECT_ALT_NAME = hex('06 03 55 1d 11');

const extension = (oid: Buffer, value: Buffer): Buffer => sequence(oid, tlv(0x04, value));
const describeWith = (...extensions: Buffer[]): CertificateFacts =>
  describeCertificate(pem('CERTIFICATE', certificate({ extensions: tlv(0xa3, sequence(...extensions)) })));

describe('basicConstraints', () => {
  test.each([
    ['nothing', '30 00', false, null],
    ['TRUE', '30 03 01 01 ff', true, null],
    ['TRUE and a path length', '30 06 01 01 ff 02 01 05', true, 5],
    ['TRUE and no CA below it', '30 06 01 01 ff 02 01 00', true, 0],
    ['TRUE and a path length of 33 bits', '30 0a 01 01 ff 02 05 01 00 00 00 00', true, 2 ** 32],
    ['TRUE and a path length of 64 bits', '30 0e 01 01 ff 02 09 00 ff ff ff ff ff ff ff ff', true, 2 ** 64],
  ])('%s is read', (_, value, isCa, pathLength) => {
    expect(describeWith(extension(BASIC_CONSTRAINTS, hex(value)))).toMatchObject({ isCa, pathLength });
  });

  test('a path length without a CA means nothing', () => {
    const facts = describeWith(extension(BASIC_CONSTRAINTS, hex('30 03 02 01 05')));
    expect(facts).toMatchObject({ isCa: false, pathLength: null });
  });

  test.each([
    ['FALSE, encoded though it is the default', '30 06 01 01 00 02 01 05'],
    ['a BOOLEAN that is neither', '30 06 01 01 01 02 01 05'],
    ['a negative path length', '30 06 01 01 ff 02 01 ff'],
    ['a path length of 65 bits', '30 0e 01 01 ff 02 09 01 00 00 00 00 00 00 00 00'],
    ['something after the path length', '30 08 01 01 ff 02 01 05 05 00'],
    ['something after the extension', '30 03 01 01 ff 00'],
  ])('%s is no CA', (_, value) => {
    const facts = describeWith(extension(BASIC_CONSTRAINTS, hex(value)));
    expect(facts).toMatchObject({ isCa: false, pathLength: null });
  });
});

describe('the authority key identifier', () => {
  const key = hex('80 02 ab cd');
  const issuer = tlv(0xa1, tlv(0xa4, commonName('issuer')));
  const serial = hex('82 01 05');
  const describeKeyId = (...content: Buffer[]): string | null =>
    describeWith(extension(AUTHORITY_KEY_ID, sequence(...content))).authorityKeyId;

  test.each([
    ['alone', [key]],
    ['beside issuer and serial number', [key, issuer, serial]],
    ['beside an issuer alone', [key, issuer]],
    ['beside a serial number alone', [key, serial]],
  ])('counts %s', (_, content) => expect(describeKeyId(...content)).toBe('abcd'));

  test('is null where the key is named by issuer and serial number', () => {
    expect(describeKeyId(issuer, serial)).toBeNull();
  });

  test.each([
    ['the members are in another order', [issuer, key, serial]],
    ['a member is unknown', [key, hex('83 01 05')]],
    ['a member stands twice', [key, key]],
    ['the issuer is no encoding', [key, hex('a1 02 82 05'), serial]],
  ])('is null where %s', (_, content) => expect(describeKeyId(...content)).toBeNull());
});

test('an extension that stands twice gives no facts', () => {
  const names = (value: string) => extension(SUBJECT_ALT_NAME, sequence(text(0x82, value)));
  const facts = describeWith(
    extension(BASIC_CONSTRAINTS, hex('30 03 01 01 ff')),
    extension(BASIC_CONSTRAINTS, hex('30 00')),
    extension(SUBJECT_KEY_ID, hex('04 01 01')),
    extension(SUBJECT_KEY_ID, hex('04 01 01')),
    names('a.example'),
    names('b.example'),
  );
  expect(facts).toMatchObject({ isCa: false, pathLength: null, subjectKeyId: null, subjectAltNames: { dns: [] } });
});
