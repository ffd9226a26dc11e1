import { generateKeyPairSync, generatePrimeSync, type KeyObject } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { belongTogether, loadCertificate, loadPrivateKey, NotAPrivateKey } from '../../src/x509/index.ts';
import { openssl, opensslPair } from '../support/openssl.ts';
import { fromPem, hex, integer, OID, pem, sequence, tlv } from './support/der.ts';

const exported = (key: KeyObject, type: 'pkcs1' | 'sec1' | 'pkcs8'): string =>
  key.export({ format: 'pem', type }).toString();
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
const ec = generateKeyPairSync('ec', { namedCurve: 'prime256v1' }).privateKey;
const [rsaPkcs1, rsaPkcs8] = [exported(rsa, 'pkcs1'), exported(rsa, 'pkcs8')];
const [ecSec1, ecPkcs8] = [exported(ec, 'sec1'), exported(ec, 'pkcs8')];

describe('accepted, with its type', () => {
  test.each([
    ['PKCS#1', rsaPkcs1, 'rsa'],
    ['PKCS#8 of RSA', rsaPkcs8, 'rsa'],
    ['SEC 1', ecSec1, 'ec'],
    ['PKCS#8 of EC', ecPkcs8, 'ec'],
    ['RSA of 512 bits', exported(generateKeyPairSync('rsa', { modulusLength: 512 }).privateKey, 'pkcs1'), 'rsa'],
    ['RSASSA-PSS', exported(generateKeyPairSync('rsa-pss', { modulusLength: 2048 }).privateKey, 'pkcs8'), 'rsa'],
    [
      'DSA',
      exported(generateKeyPairSync('dsa', { modulusLength: 1024, divisorLength: 160 }).privateKey, 'pkcs8'),
      'dsa',
    ],
    ["DSA in OpenSSL's format", pem('DSA PRIVATE KEY', sequence(...[0n, 23n, 11n, 2n, 3n, 5n].map(integer))), 'dsa'],
    ['Ed25519', exported(generateKeyPairSync('ed25519').privateKey, 'pkcs8'), 'ed25519'],
    ['Ed448', exported(generateKeyPairSync('ed448').privateKey, 'pkcs8'), 'ed448'],
    ['X25519', exported(generateKeyPairSync('x25519').privateKey, 'pkcs8'), 'x25519'],
    ['X448', exported(generateKeyPairSync('x448').privateKey, 'pkcs8'), 'x448'],
    ['DH', dhGroup(), 'dh'],
    // RFC 9881: the seed alone. authentik has no name for the type.
    [
      'ML-DSA-44',
      pem(
        'PRIVATE KEY',
        sequence(
          integer(0n),
          sequence(hex('06 09 60 86 48 01 65 03 04 03 11')),
          tlv(0x04, tlv(0x80, Buffer.alloc(32))),
        ),
      ),
      null,
    ],
    [
      'EC PARAMETERS before it',
      `-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n${ecSec1}`,
      'ec',
    ],
    ['text around it', `Bag Attributes\n${ecSec1}the end`, 'ec'],
    ['two keys, of which the first counts', ecSec1 + rsaPkcs8, 'ec'],
    ['a certificate label before it', `-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n${ecSec1}`, 'ec'],
    ['indentation', ecSec1.replaceAll('\n', ' \u00a0\n \t\u001f'), 'ec'],
    ['CRLF', ecSec1.replaceAll('\n', '\r\n'), 'ec'],
    ['one line', ecSec1.replaceAll('\n', ''), 'ec'],
  ])('%s', (_, text, keyType) => expect(loadPrivateKey(text).keyType).toBe(keyType));
});

describe('every curve pyca knows, in every form', () => {
  const curves = [
    'prime192v1',
    'secp224r1',
    'prime256v1',
    'secp384r1',
    'secp521r1',
    'secp256k1',
    'brainpoolP256r1',
    'brainpoolP384r1',
    'brainpoolP512r1',
  ];
  test.each(curves)('%s', (curve) => {
    const key = openssl(['ecparam', '-name', curve, '-genkey', '-noout']);
    const forms = [[], ['-no_public'], ['-conv_form', 'compressed'], ['-conv_form', 'hybrid']];
    for (const form of forms) expect(loadPrivateKey(openssl(['ec', ...form], key)).keyType).toBe('ec');
  });

  test.each(['prime256v1', 'secp384r1', 'secp521r1'])('%s with its parameters spelled out', (curve) => {
    const explicit = ['ecparam', '-name', curve, '-genkey', '-noout', '-param_enc', 'explicit'];
    for (const seed of [[], ['-no_seed']]) expect(loadPrivateKey(openssl([...explicit, ...seed])).keyType).toBe('ec');
  });
});

describe('refused', () => {
  const password = ['-passout', 'pass:secret'];
  const refused: Record<string, string> = {
    nothing: '',
    'an encrypted PKCS#8': openssl(['pkcs8', '-topk8', ...password], ecPkcs8),
    'an encrypted PKCS#1': openssl(['rsa', '-aes128', '-traditional', ...password], rsaPkcs1),
    'an unknown Proc-Type': ecSec1.replace('-----\n', '-----\nProc-Type: 5\n\n'),
    'an OpenSSH key': pem('OPENSSH PRIVATE KEY', Buffer.from('openssh-key-v1\0')),
    'a public key': openssl(['ec', '-pubout'], ecSec1),
    'a certificate': opensslPair().certificate,
    'PKCS#8 under RSA PRIVATE KEY': rsaPkcs8.replaceAll('PRIVATE', 'RSA PRIVATE'),
    'PKCS#8 under EC PRIVATE KEY': ecPkcs8.replaceAll('PRIVATE', 'EC PRIVATE'),
    'PKCS#1 under PRIVATE KEY': rsaPkcs1.replaceAll('RSA ', ''),
    'SEC 1 under PRIVATE KEY': ecSec1.replaceAll('EC ', ''),
    'a blank line inside the base64': ecSec1.replace(/[A-Za-z0-9+/]{64}\n/, '$&\n'),
    'literal \\n': ecSec1.replaceAll('\n', '\\n'),
    'bad base64 in a block after it': `${ecSec1}-----BEGIN X-----\n*\n-----END X-----`,
    'an octet after the key': pem('EC PRIVATE KEY', Buffer.concat([fromPem(ecSec1), Buffer.alloc(1)])),
    'PKCS#8 of version 2': pem(
      'PRIVATE KEY',
      Buffer.concat([fromPem(ecPkcs8).subarray(0, 5), hex('01'), fromPem(ecPkcs8).subarray(6)]),
    ),
    'a curve pyca lacks': openssl(['ecparam', '-name', 'secp112r1', '-genkey', '-noout']),
    'a binary curve': openssl(['ecparam', '-name', 'sect283k1', '-genkey', '-noout']),
    'another curve spelled out': openssl([
      'ecparam',
      '-name',
      'secp256k1',
      '-genkey',
      '-noout',
      '-param_enc',
      'explicit',
    ]),
    'an unknown algorithm': pem(
      'PRIVATE KEY',
      sequence(integer(0n), sequence(hex('06 03 2a 03 04')), tlv(0x04, hex('04 00'))),
    ),
    'an Ed25519 key that is too short': pem(
      'PRIVATE KEY',
      sequence(integer(0n), sequence(OID.ed25519), tlv(0x04, tlv(0x04, Buffer.alloc(31)))),
    ),
    "version 1 of OpenSSL's DSA format": pem('DSA PRIVATE KEY', sequence(...[1n, 23n, 11n, 2n, 3n, 5n].map(integer))),
    'a DH key of 256 bits': dhKey(generatePrimeSync(256, { safe: true, bigint: true }), 2n),
    'a DH key whose prime is not safe': dhKey(generatePrimeSync(512, { bigint: true, add: 4n, rem: 1n }), 2n),
    'a DH key with the generator 1': dhKey(generatePrimeSync(512, { safe: true, bigint: true }), 1n),
  };

  test.each(Object.entries(refused))('%s', (_, text) => expect(() => loadPrivateKey(text)).toThrow(NotAPrivateKey));
});

describe('certificate and key', () => {
  const options: Record<string, string[]> = {
    rsa: ['-newkey', 'rsa:2048'],
    'rsa-pss': ['-newkey', 'rsa-pss', '-pkeyopt', 'rsa_keygen_bits:2048'],
    ec: ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:secp384r1'],
    'ec with explicit parameters': [
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:P-256',
      '-pkeyopt',
      'ec_param_enc:explicit',
    ],
    ed25519: ['-newkey', 'ed25519'],
    ed448: ['-newkey', 'ed448'],
  };
  const load = ({ certificate, privateKey }: { certificate: string; privateKey: string }) => ({
    certificate: loadCertificate(certificate),
    privateKey: loadPrivateKey(privateKey),
  });
  let pairs: Array<ReturnType<typeof load>>;
  beforeAll(() => {
    pairs = Object.values(options).flatMap((option) => [
      load(opensslPair('a', option)),
      load(opensslPair('b', option)),
    ]);
  });

  test('belong together exactly where they were made together', () => {
    for (const [index, { certificate }] of pairs.entries()) {
      const matches = pairs.map(({ privateKey }) => belongTogether(certificate, privateKey));
      expect(matches).toEqual(pairs.map((_, other) => other === index));
    }
  });

  test('never belong together where the key can not be held', () => {
    const dh = loadPrivateKey(dhGroup());
    expect(pairs.some(({ certificate }) => belongTogether(certificate, dh))).toBe(false);
  });
});

test('no error tells anything of the key', () => {
  const secret = fromPem(rsaPkcs1).toString('base64').slice(70, 100);
  const broken = rsaPkcs1.replace(secret, `${secret.slice(0, -1)}*`);
  try {
    loadPrivateKey(broken);
    expect.unreachable();
  } catch (error) {
    expect(error).toMatchObject({ code: 'NOT_A_PRIVATE_KEY' });
    const told = JSON.stringify([String(error), (error as NotAPrivateKey).reason, String((error as Error).cause)]);
    expect(told).not.toContain(secret.slice(0, 8));
  }
});

function dhGroup(): string {
  return openssl(['genpkey', '-algorithm', 'DH', '-pkeyopt', 'group:ffdhe2048']);
}

function dhKey(prime: bigint, generator: bigint): string {
  const algorithm = sequence(hex('06 09 2a 86 48 86 f7 0d 01 03 01'), sequence(integer(prime), integer(generator)));
  return pem('PRIVATE KEY', sequence(integer(0n), algorithm, tlv(0x04, integer(5n))));
}
