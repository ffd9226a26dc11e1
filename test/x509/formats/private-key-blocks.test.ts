import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { isEncryptedPrivateKey, loadPrivateKey, NotAPrivateKey, privateKeyBlocks } from '../../../src/x509/index.ts';

const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const pem = (type: 'pkcs8' | 'sec1', passphrase?: string) =>
  String(
    privateKey.export({
      format: 'pem',
      type,
      ...(passphrase === undefined ? {} : { cipher: 'aes-256-cbc', passphrase }),
    } as never),
  );
const der = (passphrase?: string) =>
  privateKey.export({
    format: 'der',
    type: 'pkcs8',
    ...(passphrase === undefined ? {} : { cipher: 'aes-256-cbc', passphrase }),
  } as never) as unknown as Buffer;

test('every private key of a text is found, in its order, and nothing else of it', () => {
  const openssh = '-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaA==\n-----END OPENSSH PRIVATE KEY-----\n';
  const encrypted = pem('pkcs8', 'p');
  const text = `# two\n${pem('sec1')}-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n${openssh}${encrypted}`;

  expect(privateKeyBlocks(text)).toEqual([pem('sec1'), openssh, encrypted]);
  expect(privateKeyBlocks('-----BEGIN NOPRIVATE KEY-----\nAA==\n-----END NOPRIVATE KEY-----')).toEqual([]);
  expect(privateKeyBlocks('')).toEqual([]);
});

test('a key that was found alone is read as it was in its text', () => {
  const [found = ''] = privateKeyBlocks(`  Bag Attributes\r\n${pem('pkcs8').replaceAll('\n', '\r\n')}`);
  expect(loadPrivateKey(found)).toEqual(loadPrivateKey(pem('pkcs8')));
});

describe('a key is encrypted', () => {
  test.each<[form: string, key: string | Buffer, isEncrypted: boolean]>([
    ['PKCS#8', pem('pkcs8'), false],
    ['PKCS#8 in DER', der(), false],
    ['SEC 1', pem('sec1'), false],
    ['encrypted PKCS#8', pem('pkcs8', 'p'), true],
    ['encrypted PKCS#8 in DER', der('p'), true],
    ['SEC 1 under RFC 1421', pem('sec1', 'p'), true],
  ])('or not: %s', (_form, key, isEncrypted) => {
    expect(isEncryptedPrivateKey(key)).toBe(isEncrypted);
  });

  test('only where there is one', () => {
    expect(() => isEncryptedPrivateKey('none')).toThrow(NotAPrivateKey);
    expect(() => isEncryptedPrivateKey(Buffer.from('none'))).toThrow(NotAPrivateKey);
  });
});
