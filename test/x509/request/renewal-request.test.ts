import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CannotIssue, NotAPrivateKey, readCertificateRequest, requestRenewal } from '../../../src/x509/index.ts';
import { opensslAmong } from '../../dialects/strata/support/files.ts';
import { opensslPair } from '../../support/openssl.ts';
import {
  attribute,
  certificate,
  commonName,
  fromPem,
  hex,
  name,
  OID,
  pem,
  rdn,
  sequence,
  tlv,
} from '../support/der.ts';

const pkcs8Of = (key: KeyObject): string => key.export({ format: 'pem', type: 'pkcs8' }).toString();
const keys = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const publicKey = keys.publicKey.export({ format: 'der', type: 'spki' });
const privateKey = pkcs8Of(keys.privateKey);

interface Extended {
  readonly oid: Buffer;
  readonly critical?: boolean;
  readonly value: Buffer;
}

const oid = (digits: string) => tlv(0x06, hex(digits));
const SUBJECT_ALT_NAME = oid('55 1d 11');
const BASIC_CONSTRAINTS = oid('55 1d 13');
const KEY_USAGE = oid('55 1d 0f');
const EXTENDED_KEY_USAGE = oid('55 1d 25');
const POLICIES = oid('55 1d 20');

const encoded = ({ oid: type, critical = false, value }: Extended): Buffer =>
  sequence(type, ...(critical ? [hex('01 01 ff')] : []), tlv(0x04, value));

/** A certificate of the key with this subject and these extensions, which nobody signed. */
const certificateOf = (subject: Buffer, extensions: readonly Extended[] = []): string =>
  pem(
    'CERTIFICATE',
    certificate({
      subject,
      publicKey,
      ...(extensions.length === 0 ? {} : { extensions: tlv(0xa3, sequence(...extensions.map(encoded))) }),
    }),
  );

const derOf = async (certificatePem: string): Promise<Buffer> =>
  fromPem(await requestRenewal(certificatePem, privateKey));

const anyText = fc.string({ minLength: 1, maxLength: 20 });
/** Sound ones, by the string types that names are written in. */
const anyString = fc.oneof(
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }).map((text) => tlv(0x0c, Buffer.from(text, 'utf8'))),
  fc.stringMatching(/^[A-Za-z0-9 '()+,./:=?-]{1,20}$/).map((text) => tlv(0x13, Buffer.from(text, 'latin1'))),
  ...[0x14, 0x16].map((tag) => anyText.map((text) => tlv(tag, Buffer.from(text, 'latin1')))),
  anyText.map((text) => tlv(0x1e, Buffer.from(text, 'utf16le').swap16())),
);
const anyName = fc
  .array(anyString, { minLength: 1, maxLength: 4 })
  .map((strings) => name(...strings.map((string) => rdn(attribute(OID.commonName, string)))));

test('the subject is copied byte for byte, whatever strings are in it', () =>
  fc.assert(
    fc.asyncProperty(anyName, async (subject) => {
      expect((await derOf(certificateOf(subject))).includes(subject)).toBe(true);
    }),
  ));

test('what tells the use of the certificate is copied as it stands, critical or not, sound or not', async () => {
  const extensions: Extended[] = [
    { oid: KEY_USAGE, critical: true, value: hex('03 02 05 a0') },
    { oid: SUBJECT_ALT_NAME, critical: true, value: sequence(tlv(0x82, Buffer.from('a.example'))) },
    { oid: BASIC_CONSTRAINTS, value: hex('30 00') },
    { oid: EXTENDED_KEY_USAGE, value: hex('de ad be ef') },
  ];
  const request = await derOf(certificateOf(commonName('copied'), extensions));
  expect(request.includes(sequence(...extensions.map(encoded)))).toBe(true);
});

test('what is the CA’s to write is left out, as is what stands twice', async () => {
  const extensions: Extended[] = [
    { oid: POLICIES, value: hex('30 00') },
    { oid: KEY_USAGE, value: hex('03 02 05 a0') },
    { oid: KEY_USAGE, value: hex('03 02 01 06') },
  ];
  const request = await requestRenewal(certificateOf(commonName('left out'), extensions), privateKey);
  const printed = opensslAmong({ request }, ['req', '-in', 'request', '-noout', '-text', '-verify']).toString();

  expect(readCertificateRequest(request).facts).toMatchObject({ keyUsage: null, signatureValid: true });
  expect(printed).not.toContain('X509v3');
});

describe.each([
  ['RSA', ['-newkey', 'rsa:2048'], 'sha256WithRSAEncryption'],
  ['P-384', ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:secp384r1'], 'ecdsa-with-SHA384'],
  ['Ed25519', ['-newkey', 'ed25519'], 'ED25519'],
])('%s', (_type, algorithm, signature) => {
  test('signs with the digest that fits, and openssl verifies it', async () => {
    const pair = opensslPair('signs.example', algorithm);
    const request = await requestRenewal(pair.certificate, pair.privateKey);
    const printed = opensslAmong({ request }, ['req', '-in', 'request', '-noout', '-text']).toString();
    const publicKeyOf = (kind: string, file: string) =>
      opensslAmong({ file }, [kind, '-in', 'file', '-noout', '-pubkey']).toString();

    expect(printed).toContain(`Signature Algorithm: ${signature}`);
    expect(() => opensslAmong({ request }, ['req', '-in', 'request', '-noout', '-verify'])).not.toThrow();
    expect(publicKeyOf('req', request)).toBe(publicKeyOf('x509', pair.certificate));
    expect(readCertificateRequest(request).facts).toMatchObject({ signatureValid: true, isCa: true });
  });
});

describe('nothing is made', () => {
  test('of another key than the certificate’s', async () => {
    const other = pkcs8Of(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey);
    const attempt = requestRenewal(certificateOf(commonName('another')), other);
    await expect(attempt).rejects.toMatchObject({ name: 'CannotIssue', code: 'SIGNER_KEY_MISMATCH' });
  });

  test('of a key that does not sign', async () => {
    const x25519 = generateKeyPairSync('x25519');
    const spki = x25519.publicKey.export({ format: 'der', type: 'spki' });
    const agreed = pem('CERTIFICATE', certificate({ subject: commonName('x25519'), publicKey: spki }));
    const attempt = requestRenewal(agreed, pkcs8Of(x25519.privateKey));
    await expect(attempt).rejects.toBeInstanceOf(CannotIssue);
    await expect(attempt).rejects.toMatchObject({ code: 'KEY_CANNOT_SIGN' });
  });

  test('without a key', async () => {
    await expect(requestRenewal(certificateOf(commonName('none')), '')).rejects.toBeInstanceOf(NotAPrivateKey);
  });
});
