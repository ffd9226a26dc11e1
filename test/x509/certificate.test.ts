import { describe, expect, test } from 'vitest';
import { type CertificateFacts, describeCertificate, loadCertificate, NotACertificate } from '../../src/x509/index.ts';
import { explicitCurveCertificate } from '../faults/support/hostile-der.ts';
import { openssl, opensslPair } from '../support/openssl.ts';
import {
  attribute,
  type CertificateParts,
  certificate,
  commonName,
  hex,
  name,
  OID,
  pem,
  rdn,
  sequence,
  text,
  tlv,
} from './support/der.ts';
import { mozillaCertificates } from './support/fixtures.ts';

const describeParts = (parts: CertificateParts): CertificateFacts =>
  describeCertificate(pem('CERTIFICATE', certificate(parts)));
const seconds = (date: Date): string => date.toISOString().replace('.000', '');

test("describes each of Mozilla's root certificates as pyca does", () => {
  const certificates = mozillaCertificates();
  expect(certificates).toHaveLength(167);
  for (const expected of certificates) {
    const facts = describeCertificate(expected.pem);
    const described = [
      facts.subject,
      facts.fingerprintSha256,
      facts.fingerprintSha1,
      seconds(facts.notAfter),
      facts.keyType,
    ];
    expect(described).toEqual([expected.subject, expected.sha256, expected.sha1, expected.expiry, expected.key_type]);
    // A root is issued by itself, and these are sound.
    expect(facts).toMatchObject({ issuer: expected.subject, selfSigned: true });
  }
});

test('the other facts are those that openssl prints', () => {
  const names =
    'DNS:a.example,DNS:*.b.example,IP:192.0.2.1,IP:2001:db8:0:0:1:0:0:1,email:x@example.org,URI:https://c.example/d,RID:1.2.3.4,otherName:1.2.3.5;UTF8:hi';
  const extensions = [`subjectAltName=${names}`, 'basicConstraints=critical,CA:TRUE,pathlen:3'];
  const options = ['-newkey', 'rsa:2048', '-sha384', ...extensions.flatMap((extension) => ['-addext', extension])];
  const pair = opensslPair('facts.example', options);
  const facts = describeCertificate(pair.certificate);
  const printed = openssl(
    ['x509', '-noout', '-serial', '-fingerprint', '-sha256', '-ext', 'subjectKeyIdentifier'],
    pair.certificate,
  );
  expect(printed.toLowerCase()).toMatch(new RegExp(`^serial=0*${facts.serialNumber}\\n`));
  expect(printed.toLowerCase()).toContain(facts.fingerprintSha256);
  expect(printed.replaceAll(':', '').toLowerCase()).toContain(facts.subjectKeyId);
  expect(facts).toMatchObject({
    signatureAlgorithm: 'sha384WithRSAEncryption',
    keyType: 'rsa',
    keySize: 2048,
    curve: null,
    isCa: true,
    pathLength: 3,
    authorityKeyId: facts.subjectKeyId,
    selfSigned: true,
    subjectAltNames: {
      dns: ['a.example', '*.b.example'],
      ip: ['192.0.2.1', '2001:db8::1:0:0:1'],
      email: ['x@example.org'],
      uri: ['https://c.example/d'],
      directory: [],
      registeredId: ['1.2.3.4'],
      other: ['1.2.3.5=#0c026869'],
    },
  });
});

describe('key types', () => {
  test.each([
    ['rsa:1024', { keyType: 'rsa', keySize: 1024, curve: null }],
    ['rsa-pss', { keyType: 'rsa', keySize: 1024, curve: null }],
    ['ec:prime256v1', { keyType: 'ec', keySize: 256, curve: 'prime256v1' }],
    ['ec:secp521r1', { keyType: 'ec', keySize: 521, curve: 'secp521r1' }],
    ['ec:brainpoolP384r1', { keyType: 'ec', keySize: 384, curve: 'brainpoolP384r1' }],
    ['ed25519', { keyType: 'ed25519', keySize: 256, curve: null }],
    ['ed448', { keyType: 'ed448', keySize: 456, curve: null }],
    // OpenSSL has it and pyca hasn't: authentik would fail on it, here it has no type.
    ['ec:secp112r1', { keyType: null, keySize: null, curve: 'secp112r1' }],
  ])('%s', (key, expected) => {
    const [algorithm, parameter] = key.split(':');
    const options = {
      rsa: ['-newkey', `rsa:${parameter}`],
      'rsa-pss': ['-newkey', 'rsa-pss', '-pkeyopt', 'rsa_keygen_bits:1024'],
      ec: ['-newkey', 'ec', '-pkeyopt', `ec_paramgen_curve:${parameter}`],
      ed25519: ['-newkey', 'ed25519'],
      ed448: ['-newkey', 'ed448'],
    }[algorithm ?? ''];
    const facts = describeCertificate(opensslPair('key.example', options).certificate);
    expect(facts).toMatchObject({ ...expected, selfSigned: true });
  });

  test('a key that can not be decoded has no type, and the certificate stands', () => {
    const publicKeys = [
      sequence(sequence(OID.ed25519), tlv(0x03, Buffer.alloc(32))),
      sequence(sequence(OID.rsaEncryption, hex('05 00')), tlv(0x03, Buffer.alloc(9))),
      sequence(sequence(OID.ecPublicKey, OID.prime256v1), tlv(0x03, hex('00 04'), Buffer.alloc(64))),
      sequence(sequence(OID.ecPublicKey, OID.prime256v1), tlv(0x03, hex('00 00'))),
      // ML-DSA-44, RFC 9881.
      sequence(sequence(hex('06 09 60 86 48 01 65 03 04 03 11')), tlv(0x03, Buffer.alloc(1313))),
    ];
    for (const publicKey of publicKeys) expect(describeParts({ publicKey }).keyType).toBeNull();
  });
});

describe('serial numbers', () => {
  test.each([
    ['02 01 00', '0'],
    ['02 01 7f', '7f'],
    ['02 02 00 80', '80'],
    ['02 01 ff', '-1'],
    ['02 02 80 00', '-8000'],
    [
      '02 15 00 ff ee dd cc bb aa 99 88 77 66 55 44 33 22 11 00 ff ee dd cc',
      'ffeeddccbbaa99887766554433221100ffeeddcc',
    ],
  ])('%s is %s', (encoded, expected) => {
    expect(describeParts({ serialNumber: hex(encoded) }).serialNumber).toBe(expected);
  });
});

describe('dates', () => {
  test.each([
    [0x17, '500101000000Z', '1950-01-01T00:00:00Z'],
    [0x17, '491231235959Z', '2049-12-31T23:59:59Z'],
    [0x17, '000229120000Z', '2000-02-29T12:00:00Z'],
    [0x18, '99991231235959Z', '9999-12-31T23:59:59Z'],
    [0x18, '20200101000000Z', '2020-01-01T00:00:00Z'],
    [0x18, '00010101000000Z', '0001-01-01T00:00:00Z'],
  ])('tag %i, %s is %s', (tag, encoded, expected) => {
    const facts = describeParts({ notBefore: text(tag, encoded), notAfter: text(tag, encoded) });
    expect([facts.notBefore, facts.notAfter].map(seconds)).toEqual([expected, expected]);
  });

  test.each([
    [0x17, '2001010000Z'],
    [0x17, '200101000000+0000'],
    [0x17, '200101000000z'],
    [0x17, '200101000000Z\n'],
    [0x17, '210229000000Z'],
    [0x17, '200101240000Z'],
    [0x17, '200101006000Z'],
    [0x17, '200101000060Z'],
    [0x18, '20200101000000.5Z'],
    [0x18, '00000101000000Z'],
    [0x0c, '200101000000Z'],
  ])('tag %i, %j is refused', (tag, encoded) => {
    expect(() => describeParts({ notAfter: text(tag, encoded) })).toThrow(NotACertificate);
  });
});

test('a certificate without a beginning, whose notBefore is in the year 0, is taken from the first instant there is', () => {
  const facts = describeParts({ notBefore: text(0x18, '00000101000000Z'), notAfter: text(0x18, '99991231235959Z') });
  expect([facts.notBefore, facts.notAfter].map(seconds)).toEqual(['0001-01-01T00:00:00Z', '9999-12-31T23:59:59Z']);
});

describe('refused as pyca refuses', () => {
  const whole = certificate();
  const refused: Record<string, Buffer> = {
    'an octet after the certificate': Buffer.concat([whole, Buffer.alloc(1)]),
    'a certificate cut short': whole.subarray(0, -1),
    nothing: Buffer.alloc(0),
    'a length in more octets than it needs': Buffer.concat([hex('30 83 00'), whole.subarray(2)]),
    'an indefinite length': Buffer.concat([hex('30 80'), whole.subarray(3), hex('00 00')]),
    'version 1, encoded though it is the default': certificate({ version: hex('a0 03 02 01 00') }),
    'version 2': certificate({ version: hex('a0 03 02 01 01') }),
    'version 4': certificate({ version: hex('a0 03 02 01 03') }),
    'an empty serial number': certificate({ serialNumber: hex('02 00') }),
    'a padded serial number': certificate({ serialNumber: hex('02 02 00 01') }),
    'NULL with ECDSA, which takes no parameters': certificate({
      signatureAlgorithm: sequence(OID.ecdsaWithSha256, hex('05 00')),
    }),
    'critical FALSE, encoded though it is the default': certificate({
      extensions: tlv(0xa3, sequence(sequence(hex('06 03 55 1d 11 01 01 00 04 00')))),
    }),
    'critical that is neither true nor false': certificate({
      extensions: tlv(0xa3, sequence(sequence(hex('06 03 55 1d 11 01 01 01 04 00')))),
    }),
    'unused bits that are set': certificate({ publicKey: sequence(sequence(OID.ed25519), tlv(0x03, hex('01 ff'))) }),
  };

  test.each(Object.entries(refused))('%s', (_, der) => {
    expect(() => loadCertificate(pem('CERTIFICATE', der))).toThrow(NotACertificate);
  });

  test('the reason holds no octet of the input', () => {
    const reasons = [0x02, 0x04, 0x31, 0xa5].map((tag) =>
      thrownBy(() => loadCertificate(pem('CERTIFICATE', certificate({ subject: tlv(tag, Buffer.alloc(2)) })))),
    );
    expect(new Set(reasons.map((error) => (error as NotACertificate).reason)).size).toBe(1);
  });

  test('the reason and the cause stay with the error', () => {
    const error = thrownBy(() => loadCertificate(pem('CERTIFICATE', certificate({ version: hex('a0 03 02 01 01') }))));
    expect(error).toMatchObject({ code: 'NOT_A_CERTIFICATE', reason: 'a certificate of unknown version' });
    expect((error as Error).cause).toBeInstanceOf(Error);
  });
});

test('a certificate of version 1 without extensions is taken', () => {
  expect(describeParts({ version: Buffer.alloc(0) })).toMatchObject({
    isCa: false,
    pathLength: null,
    subjectKeyId: null,
  });
});

test('a broken extension gives no facts, and the certificate stands', () => {
  const broken = ['55 1d 11', '55 1d 13', '55 1d 0e', '55 1d 23'].map((oid) =>
    sequence(hex(`06 03 ${oid} 04 02 30 05`)),
  );
  expect(describeParts({ extensions: tlv(0xa3, sequence(...broken)) })).toMatchObject({
    isCa: false,
    subjectKeyId: null,
    authorityKeyId: null,
    subjectAltNames: { dns: [], ip: [], email: [], uri: [], directory: [], registeredId: [], other: [] },
  });
});

test('a curve that is spelled out and has no name is null, not what OpenSSL says instead of a name', () => {
  const primeOfP256 = 2n ** 256n - 2n ** 224n + 2n ** 192n + 2n ** 96n - 1n;
  const facts = describeCertificate(explicitCurveCertificate(primeOfP256));
  expect(facts).toMatchObject({ keyType: null, keySize: null, curve: null });
});

test('a directory name among the alternative names is written by RFC 4514', () => {
  const directory = tlv(
    0xa4,
    name(rdn(attribute(OID.commonName, text(0x0c, 'x, y'))), rdn(attribute(OID.organization, text(0x13, 'z')))),
  );
  const extension = sequence(hex('06 03 55 1d 11'), tlv(0x04, sequence(directory)));
  const facts = describeParts({ extensions: tlv(0xa3, sequence(extension)) });
  expect(facts.subjectAltNames.directory).toEqual(['O=z,CN=x\\, y']);
});

test('names issued by itself but signed by another key are not self-signed', () => {
  const facts = describeParts({ issuer: commonName('x'), subject: commonName('x') });
  expect(facts).toMatchObject({ subject: 'CN=x', issuer: 'CN=x', selfSigned: false });
});

function thrownBy(act: () => unknown): unknown {
  try {
    act();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}
