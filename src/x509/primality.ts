import {
  checkPrimeSync,
  constants,
  createPublicKey,
  type KeyObject,
  privateDecrypt,
  publicEncrypt,
  randomBytes,
} from 'node:crypto';

/**
 * How pyca tests numbers, 64 rounds of Miller-Rabin and more, takes OpenSSL 20 ms for a prime of 1,024 bits and 150 ms for one of
 * 2,048: too long for an event loop. Up to this size it is done all the same; beyond, one round with a random base must do. It lets
 * one in four of the worst composites pass, and of those that a mistake makes next to none.
 */
const MAX_TESTED_BITS = 512;
/** The test of a larger number needs an exponent that OpenSSL refuses with it (OPENSSL_RSA_SMALL_MODULUS_BITS). */
const MAX_RAISED_BITS = 3072;
/** So often at most a number is squared, in JavaScript. A prime that would need more is hardly ever found, except by who looks for it. */
const MAX_SQUARINGS = 16;
/** One private operation with a larger RSA key takes longer than an event loop should wait. */
const MAX_RSA_BITS = 4096;

/** OpenSSL's public operation with a large modulus takes no larger exponent (OPENSSL_RSA_MAX_PUBEXP_BITS). */
const MAX_EXPONENT = 1n << 64n;

interface RsaFactors {
  readonly n: bigint;
  readonly e: bigint;
  readonly p: bigint;
  readonly q: bigint;
}

/**
 * Whether the factors of an RSA key, whose other numbers fit each other, are prime. A key over 4,096 bits is taken as it is.
 *
 * Each factor is tested, which takes as long as one private operation. Of a factor that is too large for that, decrypting and encrypting
 * a random number must give it back: since e·d ≡ 1 (mod p − 1), that is Fermat's test of both factors at once.
 * @param load gives the same key, or null where OpenSSL refuses it; asked only where it is needed, since that takes its time too
 */
export function hasPrimeFactors(load: () => KeyObject | null, { n, e, p, q }: RsaFactors): boolean {
  const bits = countBits(n);
  if (bits > MAX_RSA_BITS) return true;
  if (!isProbablePrime(p) || !isProbablePrime(q)) return false;
  const isTested = countBits(p) <= MAX_RAISED_BITS && countBits(q) <= MAX_RAISED_BITS;
  if (isTested || e >= MAX_EXPONENT) return true;
  const key = load();
  return key === null || survivesRoundTrip(key, Math.ceil(bits / 8));
}

/** Whether a number is prime, as far as this can be told in a few milliseconds. Over 3,072 bits every odd number is. */
export function isProbablePrime(number: bigint): boolean {
  if (number < 3n || number % 2n === 0n) return number === 2n;
  const bits = countBits(number);
  if (bits <= MAX_TESTED_BITS) return checkPrimeSync(number);
  return bits > MAX_RAISED_BITS || survivesMillerRabin(number);
}

/** FIPS 186-5 §B.3.1, one round: among the square roots of 1 that a random base leads to, none is but 1 and −1. */
function survivesMillerRabin(number: bigint): boolean {
  let exponent = number - 1n;
  let squarings = 0;
  while ((exponent & 1n) === 0n && squarings < MAX_SQUARINGS) {
    exponent >>= 1n;
    squarings++;
  }
  let power = raise(randomBelow(number), exponent, number);
  if (power === 1n) return true;
  for (; squarings > 0; squarings--) {
    if (power === number - 1n) return true;
    power = (power * power) % number;
  }
  return false;
}

/**
 * base^exponent mod modulus, for a modulus of 512 to 3,072 bits and an exponent below it. JavaScript's bigints would take ten times
 * as long; RSA's public operation is the only such function that node:crypto has.
 */
export function raise(base: bigint, exponent: bigint, modulus: bigint): bigint {
  const [n, e] = [toOctets(modulus), toOctets(exponent)];
  const jwk = { kty: 'RSA', n: n.toString('base64url'), e: e.toString('base64url') };
  const key = createPublicKey({ key: jwk, format: 'jwk' });
  const octets = toOctets(base);
  const padded = Buffer.concat([Buffer.alloc(n.length - octets.length), octets]);
  return BigInt(`0x${publicEncrypt({ key, padding: constants.RSA_NO_PADDING }, padded).toString('hex')}`);
}

function survivesRoundTrip(key: KeyObject, length: number): boolean {
  // The leading zero octet keeps the number below the modulus.
  const number = Buffer.concat([Buffer.alloc(1), randomBytes(length - 1)]);
  const padding = constants.RSA_NO_PADDING;
  try {
    return publicEncrypt({ key, padding }, privateDecrypt({ key, padding }, number)).equals(number);
  } catch {
    return false;
  }
}

function countBits(number: bigint): number {
  const hex = number.toString(16);
  return hex.length * 4 - (Math.clz32(Number.parseInt(hex.charAt(0), 16)) - 28);
}

function randomBelow(number: bigint): bigint {
  const octets = randomBytes(toOctets(number).length);
  return (BigInt(`0x${octets.toString('hex')}`) % (number - 3n)) + 2n;
}

function toOctets(number: bigint): Buffer {
  const hex = number.toString(16);
  return Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex');
}
