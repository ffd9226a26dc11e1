import { createHash, ECDH, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { belongTogether, type CertificateFacts, describeCertificate, loadPrivateKey } from '../../src/x509/index.ts';
import { openssl } from '../support/openssl.ts';
import { certificate, fromPem, hex, integer, OID, pem, sequence, tlv } from './support/der.ts';

const UNKNOWN = { keyType: null, keySize: null, curve: null };
const describeKey = (publicKey: Buffer): CertificateFacts =>
  describeCertificate(pem('CERTIFICATE', certificate({ publicKey })));
const spki = (key: KeyObject): Buffer => key.export({ format: 'der', type: 'spki' });
const bitString = (octets: Buffer): Buffer => tlv(0x03, Buffer.alloc(1), octets);
const ecKey = (curve: Buffer, point: Buffer): Buffer => sequence(sequence(OID.ecPublicKey, curve), bitString(point));

/** SEC 2 §2, RFC 5639 §3; the names are OpenSSL's. */
const CURVES: ReadonlyArray<readonly [name: string, bits: number]> = [
  ['prime192v1', 192],
  ['secp224r1', 224],
  ['prime256v1', 256],
  ['secp384r1', 384],
  ['secp521r1', 521],
  ['secp256k1', 256],
  ['brainpoolP256r1', 256],
  ['brainpoolP384r1', 384],
  ['brainpoolP512r1', 512],
];

describe('a key on a curve that pyca knows', () => {
  test.each(CURVES)('%s', (curve, keySize) => {
    const { publicKey } = generateKeyPairSync('ec', { namedCurve: curve });
    expect(describeKey(spki(publicKey))).toMatchObject({ keyType: 'ec', keySize, curve });
  });

  test.each([
    ['prime256v1', 256],
    ['secp384r1', 384],
    ['secp521r1', 521],
  ])('%s spelled out, with its seed and without', (curve, keySize) => {
    for (const seed of [[], ['-no_seed']]) {
      const explicit = ['ecparam', '-name', curve, '-genkey', '-noout', '-param_enc', 'explicit', ...seed];
      const key = openssl(['ec', '-pubout', '-param_enc', 'explicit'], openssl(explicit));
      expect(describeKey(fromPem(key))).toMatchObject({ keyType: 'ec', keySize, curve });
    }
  });
});

describe('a curve that pyca does not know has a name where OpenSSL has one, and no type', () => {
  test.each(['secp112r1', 'prime239v1', 'sect233k1', 'brainpoolP320r1'])('%s', (curve) => {
    const { publicKey } = generateKeyPairSync('ec', { namedCurve: curve });
    expect(describeKey(spki(publicKey))).toMatchObject({ ...UNKNOWN, curve });
  });

  // node:crypto aborts the process that asks OpenSSL's key for its curve.
  test.each([
    ['secp112r1', '06 05 2b 81 04 00 06'],
    ['sect163k1', '06 05 2b 81 04 00 01'],
  ])('not with the point at infinity: %s', (_name, oid) => {
    expect(describeKey(ecKey(hex(oid), hex('00')))).toMatchObject(UNKNOWN);
  });

  test('one that nobody knows has none', () => {
    expect(describeKey(ecKey(hex('06 03 2a 03 04'), hex('04 01 02')))).toMatchObject(UNKNOWN);
    expect(describeKey(ecKey(hex('05 00'), hex('04 01 02')))).toMatchObject(UNKNOWN);
  });
});

describe('a point', () => {
  const key = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const point = spki(key.publicKey).subarray(-65);
  const convert = (form: 'compressed' | 'hybrid'): Buffer =>
    Buffer.from(ECDH.convertKey(point, 'prime256v1', undefined, undefined, form) as Buffer);
  const text = key.privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();

  test.each([
    ['uncompressed', point],
    ['compressed', convert('compressed')],
    ['hybrid', convert('hybrid')],
  ])('that is %s is the same key', (_, encoded) => {
    const facts = describeKey(ecKey(OID.prime256v1, encoded));
    expect(facts).toMatchObject({ keyType: 'ec', keySize: 256, curve: 'prime256v1' });
    expect(belongTogether({ facts }, loadPrivateKey(text))).toBe(true);
  });

  test.each<[string, Buffer]>([
    ['nothing', Buffer.alloc(0)],
    ['infinity', hex('00')],
    ['off the curve', Buffer.concat([hex('04'), Buffer.alloc(64, 1)])],
    ['cut short', point.subarray(0, -1)],
    ['too long', Buffer.concat([point, hex('00')])],
    ['of another form', Buffer.concat([hex('05'), point.subarray(1)])],
  ])('that is %s has no type, and the curve is known all the same', (_, encoded) => {
    const facts = describeKey(ecKey(OID.prime256v1, encoded));
    expect(facts).toMatchObject({ keyType: null, keySize: 256, curve: 'prime256v1', selfSigned: false });
    expect(belongTogether({ facts }, loadPrivateKey(text))).toBe(false);
  });
});

describe('the other types', () => {
  test.each<[string, number]>([
    ['rsa', 1024],
    ['rsa', 1025],
    ['rsa', 2048],
  ])('%s of %i bits', (keyType, modulusLength) => {
    const { publicKey } = generateKeyPairSync('rsa', { modulusLength });
    expect(describeKey(spki(publicKey))).toMatchObject({ keyType, keySize: modulusLength, curve: null });
  });

  test('RSASSA-PSS is rsa', () => {
    const { publicKey } = generateKeyPairSync('rsa-pss', { modulusLength: 1024 });
    expect(describeKey(spki(publicKey))).toMatchObject({ keyType: 'rsa', keySize: 1024, curve: null });
  });

  test('DSA has the bits of its prime, and the private key that belongs to it', () => {
    const { publicKey, privateKey } = generateKeyPairSync('dsa', { modulusLength: 1024, divisorLength: 160 });
    const facts = describeKey(spki(publicKey));
    expect(facts).toMatchObject({ keyType: 'dsa', keySize: 1024, curve: null });
    const text = privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();
    expect(belongTogether({ facts }, loadPrivateKey(text))).toBe(true);
  });

  test.each<['ed25519' | 'ed448', number]>([
    ['ed25519', 256],
    ['ed448', 456],
  ])('%s', (keyType, keySize) => {
    const { publicKey } = generateKeyPairSync(keyType as 'ed25519');
    expect(describeKey(spki(publicKey))).toMatchObject({ keyType, keySize, curve: null });
  });

  test.each(['x25519', 'x448'])('%s has none: no certificate of such a key signs anything', (type) => {
    const { publicKey } = generateKeyPairSync(type as 'x25519');
    expect(describeKey(spki(publicKey))).toMatchObject(UNKNOWN);
  });
});

describe('a key that can not be decoded has no type', () => {
  const dsa = (parameters: Buffer, key: Buffer): Buffer =>
    sequence(sequence(hex('06 07 2a 86 48 ce 38 04 01'), parameters), bitString(key));
  const rsa = (key: Buffer): Buffer => sequence(sequence(OID.rsaEncryption, hex('05 00')), bitString(key));
  const numbers = sequence(integer(23n), integer(11n), integer(2n));

  test('small numbers are taken as they are', () => {
    expect(describeKey(dsa(numbers, integer(3n)))).toMatchObject({ keyType: 'dsa', keySize: 5 });
    expect(describeKey(rsa(sequence(integer(35n), integer(5n))))).toMatchObject({ keyType: 'rsa', keySize: 6 });
  });

  test.each<[string, Buffer]>([
    ['RSA without an exponent', rsa(sequence(integer(35n)))],
    ['RSA with three numbers', rsa(sequence(integer(35n), integer(5n), integer(5n)))],
    ['RSA with a negative modulus', rsa(sequence(hex('02 01 ff'), integer(5n)))],
    ['RSA with a negative exponent', rsa(sequence(integer(35n), hex('02 01 ff')))],
    ['RSA with something after it', rsa(Buffer.concat([sequence(integer(35n), integer(5n)), hex('00')]))],
    ['DSA with a negative value', dsa(numbers, hex('02 01 ff'))],
    ['DSA with two values', dsa(numbers, Buffer.concat([integer(3n), integer(3n)]))],
    ['DSA without a value', dsa(numbers, Buffer.alloc(0))],
    ['Ed25519 of 33 octets', sequence(sequence(OID.ed25519), bitString(Buffer.alloc(33)))],
    ['Ed448 of 56 octets', sequence(sequence(hex('06 03 2b 65 71')), bitString(Buffer.alloc(56)))],
    ['an algorithm that nobody knows', sequence(sequence(hex('06 03 2a 03 04')), bitString(Buffer.alloc(32)))],
  ])('%s', (_, publicKey) => expect(describeKey(publicKey)).toMatchObject(UNKNOWN));
});

describe('two keys are told apart, and one key is known again', () => {
  const digestOf = (publicKey: Buffer): string => describeKey(publicKey).publicKeyDigest;
  const point = (curve: string): Buffer => spki(generateKeyPairSync('ec', { namedCurve: curve }).publicKey);

  test('RSA and RSASSA-PSS of the same numbers are one key, other numbers another', () => {
    const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 1024 });
    const key = bitString(publicKey.export({ format: 'der', type: 'pkcs1' }));
    const pss = sequence(sequence(hex('06 09 2a 86 48 86 f7 0d 01 01 0a')), key);
    expect(digestOf(pss)).toBe(digestOf(spki(publicKey)));
    expect(digestOf(spki(generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey))).not.toBe(digestOf(pss));
  });

  test('one point on two curves is two keys', () => {
    // Off both curves it is hashed whole, on one it is hashed by name: never equal.
    const whole = point('prime256v1').subarray(-65);
    const other = ecKey(hex('06 05 2b 81 04 00 0a'), whole);
    expect(digestOf(ecKey(OID.prime256v1, whole))).not.toBe(digestOf(other));
  });

  // It is stored with every pair, so that what is hashed must never change.
  test('hashed are the kind, a zero octet, and what identifies the key', () => {
    const sha256 = (...parts: Array<string | Buffer>): string =>
      createHash('sha256')
        .update(Buffer.concat(parts.map((part) => Buffer.from(part))))
        .digest('hex');
    const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 1024 });
    expect(digestOf(spki(publicKey))).toBe(sha256('rsa\0', publicKey.export({ format: 'der', type: 'pkcs1' })));
    expect(digestOf(ecKey(OID.prime256v1, P256_GENERATOR))).toBe(sha256('ec\0prime256v1\0', P256_GENERATOR));
    const ed25519 = spki(generateKeyPairSync('ed25519').publicKey);
    expect(digestOf(ed25519)).toBe(sha256(ed25519));
  });
});

/** FIPS 186-4 §D.1.2.3, the base point. */
const P256_GENERATOR = hex(
  '04 6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296 4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5',
);
