import { createPrivateKey, createPublicKey, generateKeyPairSync, sign, verify } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { loadPrivateKey, NotAPrivateKey, openPrivateKey } from '../../src/x509/index.ts';
import { openssl } from '../support/openssl.ts';
import { fromPem, hex, integer, pem, sequence, tlv } from './support/der.ts';

/** The public half in the way that `pkey -pubout` writes it. */
const publicHalf = (text: string): string => openssl(['pkey', '-pubout'], text);
const own = (text: string): string =>
  createPublicKey(openPrivateKey(text)).export({ format: 'pem', type: 'spki' }).toString();

function dsaKey(privateValue: Buffer, prime = integer((1n << 1023n) | 155n)): string {
  const parameters = sequence(prime, integer((1n << 159n) | 7n), integer(5n));
  const algorithm = sequence(hex('06 07 2a 86 48 ce 38 04 01'), parameters);
  const key = pem('PRIVATE KEY', sequence(integer(0n), algorithm, tlv(0x04, privateValue)));
  expect(loadPrivateKey(key)).toEqual({ keyType: 'dsa', publicKeyDigest: null });
  return key;
}

describe('opens the key that openssl reads', () => {
  test.each<[string, string[]]>([
    ['RSA', ['-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:1024']],
    ['P-256', ['-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256']],
    ['secp256k1', ['-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:secp256k1']],
    ['Ed25519', ['-algorithm', 'ED25519']],
    ['Ed448', ['-algorithm', 'ED448']],
    ['X25519', ['-algorithm', 'X25519']],
    ['X448', ['-algorithm', 'X448']],
  ])('in PKCS#8 and in its own format: %s', (type, options) => {
    const key = openssl(['genpkey', ...options]);
    expect(own(key)).toBe(publicHalf(key));
    // RFC 8410 keys have no other format.
    const traditional = /^(?:RSA|P-|secp)/.test(type) ? openssl(['pkey', '-traditional'], key) : key;
    expect(own(traditional)).toBe(publicHalf(key));
    expect(own(`a comment\r\n  ${key.replaceAll('\n', '\r\n  ')}`)).toBe(publicHalf(key));
  });

  test('of DSA, in both formats', () => {
    const { privateKey } = generateKeyPairSync('dsa', { modulusLength: 1024, divisorLength: 160 });
    const key = privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();
    expect(own(key)).toBe(publicHalf(key));
    expect(own(openssl(['pkey', '-traditional'], key))).toBe(publicHalf(key));
  });

  test('the first of several, behind the parameters that openssl writes', () => {
    const [first, second] = [0, 1].map(() => openssl(['ecparam', '-name', 'secp384r1', '-genkey'])) as [string, string];
    expect(first).toContain('BEGIN EC PARAMETERS');
    expect(own(first + second)).toBe(publicHalf(first));
  });

  test('with attributes, which OpenSSL has no use for', () => {
    const key = openssl(['genpkey', '-algorithm', 'ED25519']);
    const attributes = tlv(0xa0, sequence(hex('06 03 2a 03 04'), tlv(0x31, hex('05 00'))));
    const der = fromPem(key);
    const withAttributes = pem('PRIVATE KEY', sequence(der.subarray(2), attributes));
    expect(loadPrivateKey(withAttributes).keyType).toBe('ed25519');
    expect(own(withAttributes)).toBe(publicHalf(key));
  });
});

test('an RSASSA-PSS key signs as a plain RSA key, whatever its parameters allow', () => {
  const key = openssl([
    'genpkey',
    '-algorithm',
    'RSA-PSS',
    '-pkeyopt',
    'rsa_keygen_bits:1024',
    '-pkeyopt',
    'rsa_pss_keygen_md:sha512',
  ]);
  expect(() => sign('sha256', Buffer.alloc(1), createPrivateKey(key))).toThrow();
  const opened = openPrivateKey(key);
  expect(opened.asymmetricKeyType).toBe('rsa');
  const signature = sign('sha256', Buffer.from('text'), opened);
  expect(verify('sha256', Buffer.from('text'), createPublicKey(opened), signature)).toBe(true);
});

describe('refuses, as a NotAPrivateKey without OpenSSL words,', () => {
  const rsa = generateKeyPairSync('rsa', { modulusLength: 1024 })
    .privateKey.export({ format: 'pem', type: 'pkcs8' })
    .toString();

  test.each<[string, () => string]>([
    ['no key', () => 'nothing'],
    ['an encrypted one', () => openssl(['pkcs8', '-topk8', '-passout', 'pass:x'], rsa)],
    [
      'one whose numbers do not fit each other',
      () => {
        const der = fromPem(rsa);
        der.writeUInt8(der.readUInt8(der.length - 1) ^ 2, der.length - 1);
        return pem('PRIVATE KEY', der);
      },
    ],
    ['a DSA key whose private value is of any size', () => dsaKey(integer(1n << 100_000n))],
    ['a DSA key of a prime that takes long', () => dsaKey(integer(5n), integer((1n << 9999n) | 155n))],
    [
      'a DH key, which would be computed with',
      () => openssl(['genpkey', '-algorithm', 'DH', '-pkeyopt', 'group:modp_2048']),
    ],
    // RFC 9881 §6: a seed of 32 octets. Node 20 has no such keys.
    [
      'one of a type that node:crypto lacks',
      () =>
        pem(
          'PRIVATE KEY',
          sequence(
            hex('02 01 00'),
            sequence(hex('06 09 60 86 48 01 65 03 04 03 11')),
            tlv(0x04, tlv(0x80, Buffer.alloc(32, 1))),
          ),
        ),
    ],
  ])('%s', (_what, text) => {
    expect(() => openPrivateKey(text())).toThrow(NotAPrivateKey);
    try {
      openPrivateKey(text());
    } catch (error) {
      expect((error as NotAPrivateKey).code).toBe('NOT_A_PRIVATE_KEY');
      expect(String((error as NotAPrivateKey).message)).not.toMatch(/error:|OpenSSL::/);
    }
  });
});
