import { createPrivateKey, type KeyObject } from 'node:crypto';
import { bitLength, readSmall, readUnsigned, toBigInt } from './der/integer.ts';
import { type DerReader, parseDer } from './der/reader.ts';
import { Tag } from './der/tags.ts';
import { BeyondLimits } from './errors.ts';
import { LIMITS } from './limits.ts';
import { hasPrimeFactors } from './primality.ts';
import { KeyError, type LoadedPrivateKey } from './private-key-structure.ts';
import { digestRsa } from './public-key-digest.ts';

interface RsaNumbers {
  readonly n: bigint;
  readonly e: bigint;
  readonly d: bigint;
  readonly p: bigint;
  readonly q: bigint;
  readonly dp: bigint;
  readonly dq: bigint;
  readonly qInv: bigint;
}

const NONE = Buffer.alloc(0);

/**
 * Reads RSAPrivateKey (PKCS#1, RFC 8017 §A.1.2) of two primes and checks that its numbers fit each other, as pyca does by
 * RSA_check_key. OpenSSL's loading alone would take, and sign with, any of them changed.
 * @throws DerError, KeyError, BeyondLimits
 */
export function readRsaPrivateKey(der: Buffer): LoadedPrivateKey {
  const { version, octets, hasOtherPrimes } = parseDer(der, (reader) => reader.enter(Tag.Sequence, readNumbers));
  if (version !== 0 || hasOtherPrimes) throw new KeyError('an RSA key of an unknown version');
  if (octets.some((number) => bitLength(number) > LIMITS.RSA_BITS)) throw new BeyondLimits('RSA_BITS');
  const [modulus = NONE, exponent = NONE] = octets;
  const [n = 0n, e = 0n, d = 0n, p = 0n, q = 0n, dp = 0n, dq = 0n, qInv = 0n] = octets.map(toBigInt);
  const numbers = { n, e, d, p, q, dp, dq, qInv };
  if (!areConsistent(numbers)) throw new KeyError('the numbers of the RSA key do not fit each other');
  if (!hasPrimeFactors(() => load(der), numbers)) throw new KeyError('a factor of the RSA key is not prime');
  return { keyType: 'rsa', publicKeyDigest: digestRsa(modulus, exponent) };
}

function readNumbers(reader: DerReader): { version: number; octets: Buffer[]; hasOtherPrimes: boolean } {
  const version = readSmall(reader, 8);
  const octets = Array.from({ length: 8 }, () => readUnsigned(reader));
  const otherPrimes = reader.optional(Tag.Sequence);
  return { version, octets, hasOtherPrimes: otherPrimes !== null };
}

/** RFC 8017 §3.2: the conditions on the numbers, without primality. */
function areConsistent({ n, e, d, p, q, dp, dq, qInv }: RsaNumbers): boolean {
  if (e <= 1n || !isOdd(e) || p <= 2n || q <= 2n || !isOdd(p) || !isOdd(q)) return false;
  const [p1, q1] = [p - 1n, q - 1n];
  return (
    p * q === n &&
    (d * e) % p1 === 1n &&
    (d * e) % q1 === 1n &&
    dp === d % p1 &&
    dq === d % q1 &&
    qInv < p &&
    (qInv * q) % p === 1n
  );
}

function isOdd(number: bigint): boolean {
  return (number & 1n) === 1n;
}

/** Null where OpenSSL refuses numbers that pyca takes: OpenSSL 3.5 for example an exponent of more than 64 bits. */
function load(der: Buffer): KeyObject | null {
  try {
    return createPrivateKey({ key: der, format: 'der', type: 'pkcs1' });
  } catch {
    return null;
  }
}
