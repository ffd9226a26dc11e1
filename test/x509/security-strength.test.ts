import { getCurves } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { type KeySize, securityStrength } from '../../src/x509/index.ts';

const sized = (keyType: KeySize['keyType'], keySize: number): KeySize => ({ keyType, keySize });

/** NIST SP 800-57 Part 1 revision 5, Table 2, with both sides of each step. */
describe.each([
  [1023, 159, 0],
  [1024, 160, 80],
  [2047, 223, 80],
  [2048, 224, 112],
  [3071, 255, 112],
  [3072, 256, 128],
  [7679, 383, 128],
  [7680, 384, 192],
  [15_359, 511, 192],
  [15_360, 512, 256],
])('%i bits of a number, and %i bits of a curve', (number, curve, bits) => {
  test.each(['rsa', 'dsa', 'dh'] as const)(`are ${bits} bits of security of %s and of ec`, (type) => {
    expect(securityStrength(sized(type, number))).toBe(bits);
    expect(securityStrength(sized('ec', curve))).toBe(bits);
  });
});

test.each([
  ['ed25519', 256, 128],
  ['x25519', null, 128],
  ['ed448', 456, 224],
  ['x448', null, 224],
] as const)('%s has the strength of SP 800-186', (keyType, keySize, bits) => {
  expect(securityStrength({ keyType, keySize })).toBe(bits);
});

test('of every curve that OpenSSL knows, its name alone tells the strength', () => {
  const unknown = getCurves().filter((curve) => securityStrength({ keyType: null, keySize: null, curve }) === null);
  expect(unknown).toEqual([]);
  const strengthOf = (curve: string) => securityStrength({ keyType: null, keySize: null, curve });
  expect([strengthOf('secp112r1'), strengthOf('sect163k1'), strengthOf('wap-wsg-idm-ecid-wtls12')]).toEqual([
    0, 80, 112,
  ]);
  expect([strengthOf('c2tnb431r1'), strengthOf('SM2'), strengthOf('brainpoolP512t1')]).toEqual([192, 128, 256]);
});

test('of a key of which nothing is known, nothing is said', () => {
  expect(securityStrength({ keyType: null, keySize: null, curve: null })).toBeNull();
  expect(securityStrength({ keyType: 'rsa', keySize: null })).toBeNull();
});
