import { createCipheriv, generateKeyPairSync, pbkdf2Sync } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  BeyondLimits,
  decryptPrivateKey,
  exportPrivateKey,
  NotAPrivateKey,
  WrongPassphrase,
  X509Error,
} from '../../../src/x509/index.ts';
import { openssl } from '../../support/openssl.ts';
import { fromPem, hex, integer, pem, sequence, tlv } from '../support/der.ts';

const PASSPHRASE = 'open Sesame ü';
const passout = ['-passout', `pass:${PASSPHRASE}`];
const ec = generateKeyPairSync('ec', { namedCurve: 'prime256v1' }).privateKey;
const [ecPkcs8, ecSec1] = (['pkcs8', 'sec1'] as const).map((type) => ec.export({ format: 'pem', type }).toString()) as [
  string,
  string,
];
const rsa = generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey;
const rsaPkcs1 = rsa.export({ format: 'pem', type: 'pkcs1' }).toString();
const dsa = generateKeyPairSync('dsa', { modulusLength: 1024, divisorLength: 160 }).privateKey;
const dsaTraditional = openssl(['pkey', '-traditional'], dsa.export({ format: 'pem', type: 'pkcs8' }).toString());

describe('PKCS#8 that openssl encrypted opens', () => {
  test.each([
    [['-v2', 'aes-256-cbc']],
    [['-v2', 'aes-128-cbc', '-v2prf', 'hmacWithSHA1']],
    [['-v2', 'aes-192-cbc', '-v2prf', 'hmacWithSHA512']],
    [['-v2', 'des3', '-v2prf', 'hmacWithSHA384']],
    [['-v2', 'aes-256-cbc', '-v2prf', 'hmacWithSHA512-224']],
    [['-v2', 'aes-256-cbc', '-v2prf', 'hmacWithSHA512-256']],
    [['-v2', 'aes-256-cbc', '-iter', '100000']],
    [['-scrypt']],
    [['-v1', 'PBE-SHA1-3DES']],
  ])('%s', (scheme) => {
    const encrypted = openssl(['pkcs8', '-topk8', ...scheme, ...passout], ecPkcs8);
    expect(decryptPrivateKey(encrypted, PASSPHRASE)).toBe(ecPkcs8);
    expect(decryptPrivateKey(fromPem(encrypted), PASSPHRASE)).toBe(ecPkcs8);
    expect(() => decryptPrivateKey(encrypted, 'wrong')).toThrow(WrongPassphrase);
  });
});

describe('what openssl encrypted under the headers of RFC 1421 opens', () => {
  test.each([
    ['rsa', '-aes128', rsaPkcs1],
    ['rsa', '-des3', rsaPkcs1],
    ['ec', '-aes192', ecSec1],
    ['ec', '-aes256', ecSec1],
    ['dsa', '-aes256', dsaTraditional],
  ])('%s %s', (command, cipher, plain) => {
    const traditional = command === 'ec' ? [] : ['-traditional'];
    const encrypted = openssl([command === 'ec' ? 'ec' : 'pkey', ...traditional, cipher, ...passout], plain);
    expect(encrypted).toContain('\nProc-Type: 4,ENCRYPTED\nDEK-Info: ');
    expect(decryptPrivateKey(encrypted, PASSPHRASE)).toBe(plain);
    expect(() => decryptPrivateKey(encrypted, 'wrong')).toThrow(WrongPassphrase);
  });

  const encrypted = openssl(['rsa', '-traditional', '-aes128', ...passout], rsaPkcs1);
  const change = (pattern: RegExp, by: string): string => encrypted.replace(pattern, by);
  test.each([
    ['a cipher that nobody has', change(/AES-128-CBC/, 'ROT-13')],
    ['single DES', change(/AES-128-CBC,\w{32}/, 'DES-CBC,0011223344556677')],
    ['no cipher', change(/DEK-Info: .*\n/, '')],
    ['a vector that is too short', change(/AES-128-CBC,\w\w/, 'AES-128-CBC,')],
    ['a vector that is no hex', change(/AES-128-CBC,\w\w/, 'AES-128-CBC,zz')],
    ['a vector with more than its hex', change(/(AES-128-CBC,\w{32})/, '$1zz')],
    ['a vector with half an octet more', change(/(AES-128-CBC,\w{32})/, '$10')],
    ['a Proc-Type that only signs', change(/4,ENCRYPTED/, '4,MIC-ONLY')],
    ['a Proc-Type of another version', change(/4,ENCRYPTED/, '14,ENCRYPTED')],
    ['a Proc-Type that only begins like it', change(/4,ENCRYPTED/, '4,ENCRYPTEDX')],
  ])('%s is refused', (_, text) => {
    expect(() => decryptPrivateKey(text, PASSPHRASE)).toThrow(NotAPrivateKey);
  });

  test.each([
    ['a blank behind the comma of Proc-Type', change(/4,ENCRYPTED/, '4, ENCRYPTED')],
    ['the cipher in lower case', change(/AES-128-CBC/, 'aes-128-cbc')],
    ['a blank behind the cipher', change(/AES-128-CBC,/, 'AES-128-CBC ,')],
  ])('%s does not matter to openssl, nor here', (_, text) => {
    expect(openssl(['rsa', '-traditional', '-passin', `pass:${PASSPHRASE}`], text)).toBe(rsaPkcs1);
    expect(decryptPrivateKey(text, PASSPHRASE)).toBe(rsaPkcs1);
  });
});

/** EncryptedPrivateKeyInfo that claims so many iterations. */
function claiming(iterations: bigint, ciphertext = Buffer.alloc(32)): Buffer {
  const pbkdf2 = sequence(
    hex('06 09 2a 86 48 86 f7 0d 01 05 0c'),
    sequence(tlv(0x04, Buffer.alloc(8)), integer(iterations)),
  );
  const aes = sequence(hex('06 09 60 86 48 01 65 03 04 01 2a'), tlv(0x04, Buffer.alloc(16)));
  const pbes2 = sequence(hex('06 09 2a 86 48 86 f7 0d 01 05 0d'), sequence(pbkdf2, aes));
  return sequence(pbes2, tlv(0x04, ciphertext));
}

test.each([10_000_000n, 1n << 31n, 1n << 80n])('%d iterations are refused before the first of them', (iterations) => {
  const start = performance.now();
  expect(() => decryptPrivateKey(claiming(iterations), PASSPHRASE)).toThrow(BeyondLimits);
  expect(performance.now() - start).toBeLessThan(100);
  expect(() => decryptPrivateKey(claiming(1n), PASSPHRASE)).toThrow(WrongPassphrase);
});

test.each([
  ['a key that is not encrypted', ecPkcs8],
  ['a certificate', pem('CERTIFICATE', sequence())],
  ['nothing', ''],
  ['a scheme that nobody has', pem('ENCRYPTED PRIVATE KEY', sequence(sequence(hex('06 01 2a')), tlv(0x04)))],
])('%s is refused', (_, text) => expect(() => decryptPrivateKey(text, PASSPHRASE)).toThrow(NotAPrivateKey));

test('what was encrypted must be a sound key', () => {
  const seal = (plain: Buffer): Buffer => {
    const cipher = createCipheriv(
      'aes-256-cbc',
      pbkdf2Sync(PASSPHRASE, Buffer.alloc(8), 1, 32, 'sha1'),
      Buffer.alloc(16),
    );
    return claiming(1n, Buffer.concat([cipher.update(plain), cipher.final()]));
  };
  expect(decryptPrivateKey(seal(fromPem(ecPkcs8)), PASSPHRASE)).toBe(ecPkcs8);
  expect(() => decryptPrivateKey(seal(sequence(integer(0n))), PASSPHRASE)).toThrow(NotAPrivateKey);
  expect(() => decryptPrivateKey(seal(fromPem(ecSec1)), PASSPHRASE)).toThrow(NotAPrivateKey);
  expect(() => decryptPrivateKey(seal(Buffer.from('garbage')), PASSPHRASE)).toThrow(WrongPassphrase);
});

test('any passphrase opens what it closed, and no other does', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 }), fc.nat(), (passphrase, seed) => {
      const encrypted = exportPrivateKey(ecPkcs8, { format: 'pkcs8', encoding: 'der', passphrase });
      expect(decryptPrivateKey(encrypted, passphrase)).toBe(ecPkcs8);
      expect(() => decryptPrivateKey(encrypted, `${passphrase}${seed}`)).toThrow(WrongPassphrase);
    }),
    { numRuns: 3 },
  );
});

test('of any damage to an encrypted key come our own errors only, and no other key', () => {
  const originals = [
    openssl(['pkcs8', '-topk8', '-iter', '1', ...passout], ecPkcs8),
    openssl(['pkcs8', '-topk8', '-v1', 'PBE-SHA1-3DES', '-iter', '1', ...passout], ecPkcs8),
    openssl(['ec', '-aes256', ...passout], ecSec1),
  ];
  for (const original of originals) expect([ecPkcs8, ecSec1]).toContain(decryptPrivateKey(original, PASSPHRASE));
  let refused = 0;
  fc.assert(
    fc.property(fc.constantFrom(...originals), fc.nat(), fc.nat({ max: 255 }), (original, where, octet) => {
      const [head = '', body = ''] = /ENCRYPTED\n/.test(original) ? original.split(/(?<=\n\n)/) : ['', original];
      const der = fromPem(body);
      der.writeUInt8(octet, where % der.length);
      const label = head === '' ? 'ENCRYPTED PRIVATE KEY' : 'EC PRIVATE KEY';
      const text = pem(label, der).replace('-----\n', `-----\n${head.replace(/^-----.*\n/, '')}`);
      try {
        const plain = decryptPrivateKey(text, PASSPHRASE);
        expect([ecPkcs8, ecSec1]).toContain(plain);
      } catch (error) {
        expect(error).toBeInstanceOf(X509Error);
        refused++;
      }
    }),
    { numRuns: 2000 },
  );
  expect(refused).toBeGreaterThan(1000);
});
