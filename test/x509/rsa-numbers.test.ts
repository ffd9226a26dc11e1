import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { loadPrivateKey, NotAPrivateKey } from '../../src/x509/index.ts';
import { integer, pem, sequence } from './support/der.ts';

/**
 * A key of 1,024 bits: its factors are tested as numbers, without an operation of the key, so that nothing but the comparison of its
 * numbers (RFC 8017 §3.2) tells that one is wrong.
 */
const number = (text = ''): bigint => BigInt(`0x${Buffer.from(text, 'base64url').toString('hex')}`);
const jwk = generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey.export({ format: 'jwk' });
const sound = {
  ...{ n: number(jwk.n), e: number(jwk.e), d: number(jwk.d), p: number(jwk.p) },
  ...{ q: number(jwk.q), dp: number(jwk.dp), dq: number(jwk.dq), qi: number(jwk.qi) },
};
const { d, p, q, dp, dq, qi, n, e } = sound;
const [p1, q1] = [p - 1n, q - 1n];
const load = (changes: Partial<typeof sound>): unknown =>
  loadPrivateKey(
    pem('RSA PRIVATE KEY', sequence(integer(0n), ...Object.values({ ...sound, ...changes }).map(integer))),
  );
const withExponent = (exponent: bigint): Partial<typeof sound> => ({
  d: exponent,
  dp: exponent % p1,
  dq: exponent % q1,
});

test('the sound key is taken', () => expect(load({})).toMatchObject({ keyType: 'rsa' }));

describe('is refused though all else fits', () => {
  test.each<[string, Partial<typeof sound>]>([
    ['a private exponent that is none, modulo p − 1', withExponent(d + q1)],
    ['a private exponent that is none, modulo q − 1', withExponent(d + p1)],
    ['a private exponent that is none at all', withExponent(d + 2n)],
    ['dp of another exponent', { dp: dp + 2n }],
    ['dq of another exponent', { dq: dq + 2n }],
    ['dp that is not reduced', { dp: dp + p1 }],
    ['dq that is not reduced', { dq: dq + q1 }],
    ['qi that is not reduced', { qi: qi + p }],
    ['qi that is no inverse', { qi: qi + 1n }],
    ['a modulus that is not the product', { n: n + 2n }],
    ['another public exponent', { e: e + 2n }],
  ])('%s', (_, changes) => expect(() => load(changes)).toThrow(NotAPrivateKey));
});
