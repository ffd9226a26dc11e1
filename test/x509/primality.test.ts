import { generateKeyPairSync, generatePrimeSync } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hasPrimeFactors, isProbablePrime, raise } from '../../src/x509/primality.ts';

test('of the numbers below 1,000 the 168 primes are prime', () => {
  const composite = new Set<number>();
  for (let a = 2; a < 1000; a++) for (let b = 2 * a; b < 1000; b += a) composite.add(b);
  const primes = Array.from({ length: 1000 }, (_, number) => number).filter((n) => n > 1 && !composite.has(n));
  expect(primes).toHaveLength(168);
  for (let n = 0; n < 1000; n++) expect(isProbablePrime(BigInt(n)), `${n}`).toBe(primes.includes(n));
});

test('a negative number is not prime', () => expect(isProbablePrime(-7n)).toBe(false));

describe.each([64, 512, 513, 768])('of %i bits', (bits) => {
  test('a prime is prime', () => {
    expect(isProbablePrime(generatePrimeSync(bits, { bigint: true }))).toBe(true);
  });

  test('the product of two primes is not', () => {
    const half = Math.ceil(bits / 2);
    const [p, q] = [generatePrimeSync(half, { bigint: true }), generatePrimeSync(half, { bigint: true })];
    expect(isProbablePrime(p * q)).toBe(false);
  });

  test('an even number is not', () => expect(isProbablePrime(2n ** BigInt(bits - 1))).toBe(false));
});

test('over 3,072 bits an odd number is taken for prime, which would take too long to tell', () => {
  expect(isProbablePrime(3n ** 1940n)).toBe(true);
  expect(isProbablePrime(2n * 3n ** 1940n)).toBe(false);
  // 3,072 bits and still tested.
  expect(isProbablePrime(3n ** 1938n)).toBe(false);
});

test('a power is what multiplying gives', () => {
  const modulus = generatePrimeSync(520, { bigint: true });
  const power = (base: bigint, exponent: number): bigint => {
    let product = 1n;
    for (let count = 0; count < exponent; count++) product = (product * base) % modulus;
    return product;
  };
  fc.assert(
    fc.property(fc.bigInt({ min: 2n, max: modulus - 2n }), fc.integer({ min: 2, max: 40 }), (base, half) => {
      // RSA's exponents are odd.
      const exponent = 2 * half + 1;
      expect(raise(base, BigInt(exponent), modulus)).toBe(power(base, exponent));
    }),
    { numRuns: 30 },
  );
});

describe('the factors of an RSA key', () => {
  const number = (text = ''): bigint => BigInt(`0x${Buffer.from(text, 'base64url').toString('hex')}`);

  test.each([512, 1024, 2048])('are prime in a sound key of %i bits', (modulusLength) => {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength });
    const { n, e, p, q } = privateKey.export({ format: 'jwk' });
    const factors = { n: number(n), e: number(e), p: number(p), q: number(q) };
    expect(hasPrimeFactors(() => privateKey, factors)).toBe(true);
    // What OpenSSL can't hold is tested factor by factor.
    expect(hasPrimeFactors(() => null, factors)).toBe(true);
    expect(hasPrimeFactors(() => null, { ...factors, q: factors.q * 3n })).toBe(false);
    expect(hasPrimeFactors(() => null, { ...factors, p: factors.p * 3n })).toBe(false);
  });

  test('are not looked at over 4,096 bits, and are up to there', () => {
    const composite = { e: 65_537n, p: 9n, q: 9n };
    expect(hasPrimeFactors(() => null, { ...composite, n: 2n ** 4096n })).toBe(true);
    expect(hasPrimeFactors(() => null, { ...composite, n: 2n ** 4096n - 1n })).toBe(false);
  });
});
