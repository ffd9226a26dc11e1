import { generateKeyPairSync } from 'node:crypto';
import forge from 'node-forge';
import { describe, expect, it, test } from 'vitest';
import { CertificateRefused, readCaCertificate } from '../../../src/keypairs/index.ts';
import { openssl, opensslPair } from '../../support/openssl.ts';

const { certificate: CA, privateKey: KEY } = opensslPair('Lab Root CA');
const { certificate: OTHER } = opensslPair('Other Root CA');
const DER = Buffer.from(CA.replaceAll(/-----.*-----/g, ''), 'base64');

/** What openssl makes of a certificate: the same for two texts where they hold the same certificate. */
const asRead = (text: string) => openssl(['x509', '-noout', '-fingerprint', '-sha256'], text);

function codeOf(content: string | Buffer): string {
  try {
    readCaCertificate(Buffer.from(content as string));
    return 'none';
  } catch (error) {
    if (error instanceof CertificateRefused) {
      return error.code;
    }
    throw error;
  }
}

const withSubject = (subject: string) => {
  const pair = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', '/dev/null'];
  return openssl(['req', '-x509', ...pair, '-subj', subject, '-utf8', '-nameopt', 'utf8']);
};

describe('one certificate', () => {
  test('is kept byte for byte where it is one block of PEM and nothing else', () => {
    for (const text of [CA, CA.trim(), CA.replaceAll('\n', '\r\n'), `\n${CA}\n`]) {
      expect(readCaCertificate(Buffer.from(text)).text).toBe(text);
    }
  });

  test.each([
    ['DER', DER],
    ['words around it', `subject=CN = Lab Root CA\n${CA}as issued in 2026\n`],
    ['the older label', CA.replaceAll('CERTIFICATE', 'X509 CERTIFICATE')],
    ['long lines', CA.replace(/(?<=[A-Za-z0-9+/])\n(?=[A-Za-z0-9+/])/g, '')],
  ])('is written anew from %s, and stays the same certificate', (_, content) => {
    const { text } = readCaCertificate(Buffer.from(content as string));

    expect(text).toMatch(/^-----BEGIN CERTIFICATE-----\n([A-Za-z0-9+/=]{1,64}\n)+-----END CERTIFICATE-----\n$/);
    expect(asRead(text)).toBe(asRead(CA));
  });

  it('is known by the most specific of its common names', () => {
    expect(readCaCertificate(Buffer.from(withSubject('/CN=outer/O=Lab/CN=Ünïversal 證書'))).commonName).toBe(
      'Ünïversal 證書',
    );
  });
});

it('takes a common name of 511 characters, of whatever planes, and no longer one', () => {
  const withName = (commonName: string) => {
    const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 1024 });
    const certificate = forge.pki.createCertificate();
    certificate.publicKey = forge.pki.publicKeyFromPem(publicKey.export({ type: 'spki', format: 'pem' }) as string);
    certificate.setSubject([{ name: 'commonName', value: commonName, valueTagClass: forge.asn1.Type.UTF8 as never }]);
    certificate.setIssuer([{ name: 'commonName', value: 'Lab' }]);
    certificate.sign(forge.pki.privateKeyFromPem(privateKey.export({ type: 'pkcs1', format: 'pem' }) as string));
    return forge.pki.certificateToPem(certificate);
  };

  expect(codeOf(withName('\u{1f511}'.repeat(511)))).toBe('none');
  expect(codeOf(withName('\u{1f511}'.repeat(512)))).toBe('COMMON_NAME_TOO_LONG');
});

test.each([
  ['nothing', '', 'NOT_A_CERTIFICATE'],
  ['words', 'certificate', 'NOT_A_CERTIFICATE'],
  [
    'PEM of something else',
    KEY.replaceAll('PRIVATE KEY', 'X509 CRL').replaceAll(/[A-Za-z0-9+/=]{60,}/g, 'MAA='),
    'NOT_A_CERTIFICATE',
  ],
  ['a certificate with a bit of it cut off', DER.subarray(0, -1), 'NOT_A_CERTIFICATE'],
  ['DER with something behind it', Buffer.concat([DER, DER]), 'NOT_A_CERTIFICATE'],
  ['two certificates', CA + OTHER, 'SEVERAL_CERTIFICATES'],
  ['one certificate twice', CA + CA, 'SEVERAL_CERTIFICATES'],
  ['a certificate in front of its key', CA + KEY, 'HOLDS_PRIVATE_KEY'],
  ['a key in front of its certificate', KEY + CA, 'HOLDS_PRIVATE_KEY'],
  ['a key under the label of a certificate', CA + KEY.replaceAll('PRIVATE KEY', 'CERTIFICATE'), 'HOLDS_PRIVATE_KEY'],
  ['a subject without a common name', withSubject('/O=Lab'), 'NO_COMMON_NAME'],
])('refuses %s', (_, content, code) => {
  expect(codeOf(content)).toBe(code);
});
