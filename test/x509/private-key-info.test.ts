import { generateKeyPairSync, getDiffieHellman, type KeyObject } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { loadPrivateKey, NotAPrivateKey } from '../../src/x509/index.ts';
import { openssl } from '../support/openssl.ts';
import { oid } from './support/algorithm-cases.ts';
import { hex, integer, OID, pem, sequence, text, tlv } from './support/der.ts';

/** PKCS#8 (RFC 5208 §5), part by part. */
const info = (algorithm: Buffer, key: Buffer, ...rest: Buffer[]): string =>
  pem('PRIVATE KEY', sequence(integer(0n), algorithm, tlv(0x04, key), ...rest));
const typeOf = (pemText: string): unknown => loadPrivateKey(pemText).keyType;
const refuse = (pemText: string): void => expect(() => loadPrivateKey(pemText)).toThrow(NotAPrivateKey);
const raw = (length: number): Buffer => tlv(0x04, Buffer.alloc(length, 0x42));

describe('keys of RFC 8410 §7 have as many octets as their curve wants', () => {
  test.each([
    ['x25519', '1.3.101.110', 32],
    ['x448', '1.3.101.111', 56],
    ['ed25519', '1.3.101.112', 32],
    ['ed448', '1.3.101.113', 57],
  ])('%s', (keyType, dotted, length) => {
    const algorithm = sequence(oid(dotted));
    expect(typeOf(info(algorithm, raw(length)))).toBe(keyType);
    for (const wrong of [length - 1, length + 1, 0]) refuse(info(algorithm, raw(wrong)));
    // The octets stand in an OCTET STRING of their own.
    refuse(info(algorithm, Buffer.alloc(length)));
    refuse(info(algorithm, Buffer.concat([raw(length), hex('00')])));
    refuse(info(algorithm, tlv(0x80, Buffer.alloc(length))));
    expect(loadPrivateKey(info(algorithm, raw(length))).publicKeyDigest).toMatch(/^[0-9a-f]{64}$/);
  });
});

describe('keys of RFC 9881 §6 and RFC 9935 §6 are a seed, and have no type here', () => {
  test.each([
    ['ML-DSA-44', '2.16.840.1.101.3.4.3.17', 32],
    ['ML-DSA-65', '2.16.840.1.101.3.4.3.18', 32],
    ['ML-DSA-87', '2.16.840.1.101.3.4.3.19', 32],
    ['ML-KEM-768', '2.16.840.1.101.3.4.4.2', 64],
    ['ML-KEM-1024', '2.16.840.1.101.3.4.4.3', 64],
  ])('%s', (_, dotted, length) => {
    const algorithm = sequence(oid(dotted));
    const seed = (octets: number): Buffer => tlv(0x80, Buffer.alloc(octets));
    expect(loadPrivateKey(info(algorithm, seed(length)))).toEqual({ keyType: null, publicKeyDigest: null });
    for (const wrong of [length - 1, length + 1, 0]) refuse(info(algorithm, seed(wrong)));
    refuse(info(algorithm, raw(length)));
    refuse(info(algorithm, Buffer.concat([seed(length), hex('00')])));
  });

  test('ML-KEM-512 and types that nobody knows are refused', () => {
    refuse(info(sequence(oid('2.16.840.1.101.3.4.4.1')), tlv(0x80, Buffer.alloc(64))));
    refuse(info(sequence(oid('1.2.3.4')), raw(32)));
  });
});

describe('around the key', () => {
  const ed25519 = sequence(oid('1.3.101.112'));
  const attribute = (type: string, ...values: Buffer[]): Buffer => sequence(oid(type), tlv(0x31, ...values));
  const attributes = (...members: Buffer[]): Buffer => tlv(0xa0, ...members);
  const [a, b] = [text(0x0c, 'a'), text(0x0c, 'b')];

  test('the version is 0', () => {
    const version = (number: bigint): string =>
      pem('PRIVATE KEY', sequence(integer(number), ed25519, tlv(0x04, raw(32))));
    expect(typeOf(version(0n))).toBe('ed25519');
    for (const wrong of [1n, 2n, 255n, 256n]) refuse(version(wrong));
  });

  test.each<[string, Buffer]>([
    ['none', attributes()],
    ['one', attributes(attribute('1.2.3', a))],
    ['one of no value', attributes(attribute('1.2.3'))],
    ['one of two values in order', attributes(attribute('1.2.3', a, b))],
    ['one of the same value twice', attributes(attribute('1.2.3', a, a))],
    ['two in order', attributes(attribute('1.2.3', a), attribute('1.2.4', a))],
    ['the shorter first', attributes(attribute('1.2.3', a), attribute('1.2.3', a, b))],
  ])('attributes may stand behind it: %s', (_, extra) => {
    expect(typeOf(info(ed25519, raw(32), extra))).toBe('ed25519');
  });

  test.each<[string, Buffer]>([
    ['attributes out of order', attributes(attribute('1.2.4', a), attribute('1.2.3', a))],
    ['values out of order', attributes(attribute('1.2.3', b, a))],
    ['an attribute without values', attributes(sequence(oid('1.2.3')))],
    ['an attribute without a type', attributes(sequence(tlv(0x31, a)))],
    ['something after the values', attributes(sequence(oid('1.2.3'), tlv(0x31, a), a))],
    ['an attribute that is no SEQUENCE', attributes(tlv(0x31))],
    ["RFC 5958's public key", tlv(0x81, hex('00'), Buffer.alloc(32))],
    ['something else', hex('05 00')],
  ])('%s refuses it', (_, extra) => refuse(info(ed25519, raw(32), extra)));
});

describe('DSA', () => {
  const { privateKey } = generateKeyPairSync('dsa', { modulusLength: 1024, divisorLength: 160 });
  const dsa = '1.2.840.10040.4.1';
  const parameters = (p: bigint, q: bigint, g: bigint): Buffer => sequence(...[p, q, g].map(integer));
  const exported = (key: KeyObject): string => key.export({ format: 'pem', type: 'pkcs8' }).toString();

  test('numbers that OpenSSL can hold are known again by their public half', () => {
    expect(loadPrivateKey(exported(privateKey)).publicKeyDigest).toMatch(/^[0-9a-f]{64}$/);
  });

  test("PKCS#8 and OpenSSL's own format are one key", () => {
    const own = openssl(['pkey', '-traditional'], exported(privateKey));
    expect(own).toMatch(/^-----BEGIN DSA PRIVATE KEY-----\n/);
    expect(loadPrivateKey(own)).toEqual(loadPrivateKey(exported(privateKey)));
  });

  test('numbers that can not be computed with are taken, as pyca does, and belong to nothing', () => {
    const [large, small] = [(1n << 10_001n) - 1n, (1n << 1025n) - 1n];
    const keys = [
      info(sequence(oid(dsa), parameters(large, 11n, 2n)), integer(3n)),
      info(sequence(oid(dsa), parameters(23n, large, 2n)), integer(3n)),
      info(sequence(oid(dsa), parameters(23n, 11n, large)), integer(3n)),
      info(sequence(oid(dsa), parameters(23n, 11n, 2n)), integer(small)),
    ];
    for (const key of keys) expect(loadPrivateKey(key)).toEqual({ keyType: 'dsa', publicKeyDigest: null });
  });

  test.each<[string, string]>([
    ['a negative private value', info(sequence(oid(dsa), parameters(23n, 11n, 2n)), hex('02 01 ff'))],
    ['something after it', info(sequence(oid(dsa), parameters(23n, 11n, 2n)), hex('02 01 03 00'))],
    ['version 1', pem('DSA PRIVATE KEY', sequence(...[1n, 23n, 11n, 2n, 3n, 5n].map(integer)))],
    ['no private value', pem('DSA PRIVATE KEY', sequence(...[0n, 23n, 11n, 2n, 3n].map(integer)))],
    ['a seventh number', pem('DSA PRIVATE KEY', sequence(...[0n, 23n, 11n, 2n, 3n, 5n, 7n].map(integer)))],
    [
      'a negative public value',
      pem('DSA PRIVATE KEY', sequence(...[0n, 23n, 11n, 2n].map(integer), hex('02 01 ff'), integer(5n))),
    ],
  ])('%s is refused', (_, key) => refuse(key));
});

describe('DH', () => {
  const pkcs3 = '1.2.840.113549.1.3.1';
  const x942 = '1.2.840.10046.2.1';
  const key = (dotted: string, ...numbers: bigint[]): string =>
    info(sequence(oid(dotted), sequence(...numbers.map(integer))), integer(5n));
  /** RFC 2409 §6.1, the 768-bit group: a safe prime. */
  const safe = BigInt(
    '0xffffffffffffffffc90fdaa22168c234c4c6628b80dc1cd129024e088a67cc74020bbea63b139b22514a08798e3404ddef9519b3cd3a431b302b0a6df25f14374fe1356d6d51c245e485b576625e7ec6f44c42e9a63a3620ffffffffffffffff',
  );
  const half = (safe - 1n) / 2n;

  test.each<[string, string]>([
    ['a safe prime', key(pkcs3, safe, 2n)],
    ['any generator below p − 1', key(pkcs3, safe, safe - 2n)],
    ['with its order', key(x942, safe, 4n, half)],
  ])('%s is taken, and belongs to no certificate', (_, text) => {
    expect(loadPrivateKey(text)).toEqual({ keyType: 'dh', publicKeyDigest: null });
  });

  test.each([1, 2, 3])(
    'group %i of RFC 5114 is known though its prime is not safe, by its own generator only',
    (group) => {
      const options = ['-genparam', '-algorithm', 'DHX', '-pkeyopt', `dh_rfc5114:${group}`];
      const printed = openssl(['asn1parse'], openssl(['genpkey', ...options]));
      const [p = 0n, g = 0n, q = 0n] = Array.from(printed.matchAll(/INTEGER +:(\w+)/g), ([, digits]) =>
        BigInt(`0x${digits}`),
      );
      expect(typeOf(key(pkcs3, p, g))).toBe('dh');
      expect(typeOf(key(pkcs3, p, g, 160n))).toBe('dh');
      expect(typeOf(key(x942, p, g, q))).toBe('dh');
      refuse(key(pkcs3, p, g + 1n));
    },
  );

  test('over 3,072 bits the order must still divide p − 1', () => {
    // RFC 3526 §5.
    const p = BigInt(`0x${getDiffieHellman('modp16').getPrime('hex')}`);
    expect(typeOf(key(x942, p, 2n, (p - 1n) / 2n))).toBe('dh');
    refuse(key(x942, p, 2n, (p - 1n) / 2n - 2n));
    refuse(key(x942, p, 2n, 7919n));
  });

  test.each<[string, string]>([
    ['generator 0', key(pkcs3, safe, 0n)],
    ['generator 1', key(pkcs3, safe, 1n)],
    ['generator p − 1', key(pkcs3, safe, safe - 1n)],
    ['generator p', key(pkcs3, safe, safe)],
    ['a prime that is not safe', key(pkcs3, NOT_SAFE, 2n)],
    ['a number that is not prime', key(pkcs3, safe - 2n, 2n)],
    ['an even number', key(pkcs3, safe - 1n, 2n)],
    ['a prime of 511 bits', key(pkcs3, (1n << 511n) - 1n, 2n)],
    ['an order that does not divide p − 1', key(x942, safe, 4n, half - 2n)],
    ['an order that is not prime', key(x942, safe, 4n, safe - 1n)],
    ['an order of 1', key(x942, safe, 4n, 1n)],
    ['an order of 0', key(x942, safe, 4n, 0n)],
    ['an order of p', key(x942, safe, 4n, safe)],
    ['a generator of another order', key(x942, safe, safe - 4n, half)],
    ['a composite with an order that divides it less one', key(x942, 3n ** 340n, 2n, 2n)],
    ['a negative private value', info(sequence(oid(pkcs3), sequence(integer(safe), integer(2n))), hex('02 01 ff'))],
    ['something after it', info(sequence(oid(pkcs3), sequence(integer(safe), integer(2n))), hex('02 01 05 00'))],
  ])('%s is refused', (_, text) => refuse(text));
});

/** A Mersenne prime; (p − 1) / 2 = 2^520 − 1 is a multiple of three. */
const NOT_SAFE = 2n ** 521n - 1n;

test('an EC key in PKCS#8 names one curve only, also where no point would tell', () => {
  const secp256k1 = hex('06 05 2b 81 04 00 0a');
  const key = (inner: Buffer): string =>
    info(
      sequence(OID.ecPublicKey, secp256k1),
      sequence(integer(1n), tlv(0x04, Buffer.alloc(32, 0x11)), tlv(0xa0, inner)),
    );
  expect(typeOf(key(secp256k1))).toBe('ec');
  refuse(key(OID.prime256v1));
});
