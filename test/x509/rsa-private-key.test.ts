import { createPrivateKey, generateKeyPairSync, generatePrimeSync } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { loadPrivateKey, NotAPrivateKey } from '../../src/x509/index.ts';
import { integer, pem, sequence } from './support/der.ts';

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;

describe('an RSA key with a number that does not fit is refused, though OpenSSL takes it', () => {
  interface Numbers {
    n: bigint;
    e: bigint;
    d: bigint;
    p: bigint;
    q: bigint;
    dp: bigint;
    dq: bigint;
    qi: bigint;
  }
  const number = (text = ''): bigint => BigInt(`0x${Buffer.from(text, 'base64url').toString('hex')}`);
  const jwk = rsa.export({ format: 'jwk' });
  const sound: Numbers = {
    ...{ n: number(jwk.n), e: number(jwk.e), d: number(jwk.d), p: number(jwk.p) },
    ...{ q: number(jwk.q), dp: number(jwk.dp), dq: number(jwk.dq), qi: number(jwk.qi) },
  };
  const encode = (numbers: Numbers): string =>
    pem('RSA PRIVATE KEY', sequence(integer(0n), ...Object.values(numbers).map((value: bigint) => integer(value))));
  const { d, p, q, dp, dq, qi, e } = sound;

  test('the sound key is taken', () => expect(loadPrivateKey(encode(sound)).keyType).toBe('rsa'));

  test.each(Object.keys(sound))('%s changed by two', (member) => {
    const changed = { ...sound, [member]: sound[member as keyof Numbers] + 2n };
    expect(() => loadPrivateKey(encode(changed))).toThrow(NotAPrivateKey);
  });

  test.each<[string, Partial<Numbers>]>([
    ['dp not reduced', { dp: dp + p - 1n }],
    ['dq not reduced', { dq: dq + q - 1n }],
    ['qi not reduced', { qi: qi + p }],
    ['factors in the wrong order', { p: q, q: p }],
    ['an exponent of 1', { e: 1n, d: 1n, dp: 1n, dq: 1n }],
    ['an even exponent', { e: e + 1n }],
    ['a factor of zero', { p: 0n }],
    ['a factor of one', { p: 1n, n: q }],
  ])('%s', (_, changes) => expect(() => loadPrivateKey(encode({ ...sound, ...changes }))).toThrow(NotAPrivateKey));

  test.each([1024, 2048])('a factor that is not prime, in a key of %i bits', (bits) => {
    // Everything fits but for the factor: only its own composition tells.
    const [p1, p2, q1] = [bits / 4, bits / 4, bits / 2].map((size) => generatePrimeSync(size, { bigint: true }));
    const numbers = derive((p1 ?? 0n) * (p2 ?? 0n), q1 ?? 0n);
    expect(createPrivateKey(encode(numbers)).asymmetricKeyType).toBe('rsa');
    expect(() => loadPrivateKey(encode(numbers))).toThrow(NotAPrivateKey);
  });

  test.each<[string, bigint, Buffer]>([
    ['more primes', 0n, sequence(sequence(integer(3n), integer(1n), integer(1n)))],
    ['version 1', 1n, Buffer.alloc(0)],
  ])('%s', (_, version, otherPrimes) => {
    const members = Object.values(sound).map((value: bigint) => integer(value));
    const text = pem('RSA PRIVATE KEY', sequence(integer(version), ...members, otherPrimes));
    expect(() => loadPrivateKey(text)).toThrow(NotAPrivateKey);
  });

  test('d may be reduced by φ(n) instead of λ(n), as older software does', () => {
    const phi = (p - 1n) * (q - 1n);
    expect(loadPrivateKey(encode({ ...sound, d: d + phi })).keyType).toBe('rsa');
  });

  function derive(p: bigint, q: bigint): Numbers {
    for (let e = 65537n; ; e += 2n) {
      const d = invert(e, (p - 1n) * (q - 1n));
      if (d !== null) return { n: p * q, e, d, p, q, dp: d % (p - 1n), dq: d % (q - 1n), qi: invert(q, p) ?? 0n };
    }
  }
});

/** Euclid's extended algorithm. */
function invert(number: bigint, modulus: bigint): bigint | null {
  let [a, b, x, y] = [number % modulus, modulus, 1n, 0n];
  while (b > 0n) [a, b, x, y] = [b, a % b, y, x - (a / b) * y];
  return a === 1n ? ((x % modulus) + modulus) % modulus : null;
}
