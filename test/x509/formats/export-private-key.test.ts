import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import {
  CannotExport,
  exportPrivateKey,
  loadPrivateKey,
  loadPrivateKeyDer,
  NotAPrivateKey,
  type PrivateKeyFormat,
  toPkcs8,
} from '../../../src/x509/index.ts';
import { openssl } from '../../support/openssl.ts';
import { fromPem, hex, integer, pem, sequence, tlv } from '../support/der.ts';

const pkcs8Of = (key: KeyObject): string => key.export({ format: 'pem', type: 'pkcs8' }).toString();
const onCurve = (namedCurve: string): string => pkcs8Of(generateKeyPairSync('ec', { namedCurve }).privateKey);
const CURVES = ['prime192v1', 'secp224r1', 'prime256v1', 'secp384r1', 'secp521r1', 'secp256k1', 'brainpoolP384r1'];

const rsa = pkcs8Of(generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey);
const dsa = pkcs8Of(generateKeyPairSync('dsa', { modulusLength: 1024, divisorLength: 160 }).privateKey);
const ec = onCurve('prime256v1');
const pss = pkcs8Of(
  generateKeyPairSync('rsa-pss', { modulusLength: 1024, hashAlgorithm: 'sha256', mgf1HashAlgorithm: 'sha256' })
    .privateKey,
);
const others: Record<string, string> = {
  Ed25519: pkcs8Of(generateKeyPairSync('ed25519').privateKey),
  Ed448: pkcs8Of(generateKeyPairSync('ed448').privateKey),
  X25519: pkcs8Of(generateKeyPairSync('x25519').privateKey),
  X448: pkcs8Of(generateKeyPairSync('x448').privateKey),
  DH: openssl(['genpkey', '-algorithm', 'DH', '-pkeyopt', 'group:modp_1536']),
};
const withTraditional: Record<string, string> = {
  RSA: rsa,
  DSA: dsa,
  ...Object.fromEntries(CURVES.map((curve) => [curve, onCurve(curve)])),
};
const exported = (text: string, format: PrivateKeyFormat): string =>
  exportPrivateKey(text, { format, encoding: 'pem' });

describe.each(Object.entries(withTraditional))('%s', (_, pkcs8) => {
  const traditional = openssl(['pkey', '-traditional'], pkcs8);

  test('is written in its traditional format as openssl writes it', () => {
    expect(exported(pkcs8, 'traditional')).toBe(traditional);
    expect(exported(traditional, 'traditional')).toBe(traditional);
  });

  test('is written in PKCS#8 as openssl writes it', () => {
    expect(exported(traditional, 'pkcs8')).toBe(openssl(['pkcs8', '-topk8', '-nocrypt'], traditional));
    expect(pem('PRIVATE KEY', toPkcs8(traditional))).toBe(exported(pkcs8, 'pkcs8'));
  });

  test('is the same key in DER, told apart by its structure', () => {
    for (const format of ['pkcs8', 'traditional'] as const) {
      const der = exportPrivateKey(pkcs8, { format, encoding: 'der' });
      expect(der).toEqual(fromPem(exported(pkcs8, format)));
      expect(loadPrivateKeyDer(der)).toEqual(loadPrivateKey(pkcs8));
    }
  });
});

test('PKCS#1 is for RSA, SEC 1 for EC, and both are what `traditional` gives', () => {
  expect(exported(rsa, 'pkcs1')).toBe(openssl(['rsa', '-traditional'], rsa));
  expect(exported(ec, 'sec1')).toBe(openssl(['ec'], ec));
  for (const [text, format] of [
    [rsa, 'sec1'],
    [ec, 'pkcs1'],
    [dsa, 'pkcs1'],
    [others['Ed25519'] as string, 'sec1'],
  ] as const) {
    expect(() => exported(text, format)).toThrow(CannotExport);
  }
});

test.each(Object.entries(others))('%s is PKCS#8 in the traditional way too', (_, text) => {
  expect(exported(text, 'traditional')).toBe(text);
  expect(loadPrivateKeyDer(fromPem(text))).toEqual(loadPrivateKey(text));
});

test('an RSASSA-PSS key keeps its restrictions unless PKCS#1 is asked for, which can not say them', () => {
  expect(exported(pss, 'traditional')).toBe(pss);
  expect(openssl(['pkey', '-noout', '-text'], exported(pss, 'pkcs8'))).toContain('PSS parameter restrictions');
  expect(openssl(['rsa', '-noout', '-modulus'], exported(pss, 'pkcs1'))).toMatch(/^Modulus=/);
});

test('an EC key that spells its curve out gets the name of the curve', () => {
  const explicit = openssl(['ec', '-param_enc', 'explicit'], ec);
  expect(explicit.length).toBeGreaterThan(ec.length + 100);
  expect(exported(explicit, 'pkcs8')).toBe(ec);
  expect(exported(explicit, 'sec1')).toBe(openssl(['ec'], ec));
  const explicitPkcs8 = openssl(['pkcs8', '-topk8', '-nocrypt'], explicit);
  expect(exported(explicitPkcs8, 'sec1')).toBe(openssl(['ec'], ec));
});

test('an EC key without its public key gets it', () => {
  const bare = openssl(['ec', '-no_public'], ec);
  expect(bare.length).toBeLessThan(exported(bare, 'sec1').length);
  expect(exported(bare, 'sec1')).toBe(openssl(['ec'], ec));
});

test('a key that node:crypto can not hold comes through as PKCS#8, byte for byte', () => {
  const der = sequence(
    integer(0n),
    sequence(hex('06 09 60 86 48 01 65 03 04 03 11')),
    tlv(0x04, tlv(0x80, Buffer.alloc(32, 7))),
  );
  expect(toPkcs8(pem('PRIVATE KEY', der))).toEqual(der);
  expect(exported(pem('PRIVATE KEY', der), 'traditional')).toBe(pem('PRIVATE KEY', der));
});

test('a DSA key whose numbers OpenSSL refuses has no traditional format, however large they are', () => {
  const numbers = sequence(...[integer(0n), integer(0n), integer(0n)]);
  const key = (parameters: Buffer): string =>
    pem(
      'PRIVATE KEY',
      sequence(integer(0n), sequence(hex('06 07 2a 86 48 ce 38 04 01'), parameters), tlv(0x04, integer(5n))),
    );
  const huge = sequence(...Array(3).fill(tlv(0x02, Buffer.alloc(100_000, 0x55))));
  for (const text of [key(numbers), key(huge)]) {
    expect(() => exported(text, 'traditional')).toThrow(CannotExport);
    expect(exported(text, 'pkcs8')).toBe(text);
  }
});

describe('with a passphrase', () => {
  test.each([
    ['RSA', rsa],
    ['EC', ec],
    ['Ed448', others['Ed448'] as string],
  ])('%s is encrypted so that openssl opens it', (_, text) => {
    const passphrase = 'Pässwörd \u{1f511}';
    const encrypted = exportPrivateKey(text, { format: 'pkcs8', encoding: 'pem', passphrase });
    expect(encrypted.split('\n')[0]).toBe('-----BEGIN ENCRYPTED PRIVATE KEY-----');
    expect(openssl(['pkey', '-passin', `pass:${passphrase}`], encrypted)).toBe(text);
    expect(() => openssl(['pkey', '-passin', 'pass:wrong'], encrypted)).toThrow();
  });

  test('the scheme is PBES2 with PBKDF2, HMAC-SHA-256, 600,000 iterations and AES-256-CBC; salt and vector are fresh', () => {
    const options = { format: 'pkcs8', encoding: 'der', passphrase: 'secret' } as const;
    const [one, other] = [exportPrivateKey(ec, options), exportPrivateKey(ec, options)];
    const printed = openssl(['asn1parse'], pem('ENCRYPTED PRIVATE KEY', one));
    expect(printed).toMatch(
      /:PBES2\n[\s\S]*:PBKDF2\n[\s\S]*INTEGER +:0927C0\n[\s\S]*:hmacWithSHA256\n[\s\S]*:aes-256-cbc\n/,
    );
    const octets = (der: Buffer): string[] =>
      openssl(['asn1parse'], pem('ENCRYPTED PRIVATE KEY', der)).match(/HEX DUMP\]:\w+/g) ?? [];
    expect(octets(one)).toHaveLength(3);
    expect(octets(one).filter((dump) => octets(other).includes(dump))).toEqual([]);
  });

  test('only PKCS#8 is encrypted, and not with an empty, broken or endless passphrase', () => {
    for (const format of ['pkcs1', 'traditional'] as const) {
      expect(() => exportPrivateKey(rsa, { format, encoding: 'pem', passphrase: 'secret' })).toThrow(CannotExport);
    }
    for (const passphrase of ['', '\ud800', 'x'.repeat(2000)]) {
      expect(() => exportPrivateKey(rsa, { format: 'pkcs8', encoding: 'pem', passphrase })).toThrow(CannotExport);
    }
  });
});

test.each([
  ['a certificate', pem('CERTIFICATE', sequence())],
  ['an encrypted key', pem('ENCRYPTED PRIVATE KEY', sequence(sequence(), tlv(0x04)))],
  [
    'RSA whose numbers do not fit',
    pem('RSA PRIVATE KEY', sequence(...[0n, 15n, 3n, 3n, 5n, 3n, 1n, 1n, 9n].map(integer))),
  ],
])('%s is refused as loadPrivateKey refuses it', (_, text) => {
  expect(() => exported(text, 'pkcs8')).toThrow(NotAPrivateKey);
  expect(() => toPkcs8(text)).toThrow(NotAPrivateKey);
});
