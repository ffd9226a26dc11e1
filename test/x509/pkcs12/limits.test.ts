import { pbkdf2Sync, scryptSync } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { BeyondLimits, LIMITS, type Limit, NotAPkcs12, readPkcs12, WrongPassphrase } from '../../../src/x509/index.ts';
import { certificate, hex, integer, sequence, tlv } from '../support/der.ts';
import {
  aes256,
  certBag,
  encryptedSafe,
  macData,
  OID,
  octets,
  pbes2,
  pbkdf2,
  pfx,
  safe,
  shroudedKeyBag,
  tripleDes,
} from './support/build.ts';

const TOTAL = BigInt(LIMITS.PBE_ITERATIONS);
const HMAC_SHA256 = sequence(OID.hmac.sha256, hex('05 00'));
const scrypt = (cost: bigint, blockSize: bigint, parallelization: bigint): Buffer =>
  sequence(
    OID.scrypt,
    sequence(octets(Buffer.from('saltsalt')), integer(cost), integer(blockSize), integer(parallelization)),
  );

function refusal(file: Buffer, passphrase = 'p'): Limit | undefined {
  try {
    readPkcs12(file, passphrase);
  } catch (error) {
    return error instanceof BeyondLimits ? error.limit : undefined;
  }
  return undefined;
}

/** Each file claims seconds of work. Refused before, it takes milliseconds, also on a machine that is busy. */
const TOO_SHORT_FOR_ROUNDS_MS = 500;

/** The best of three. */
function fastest(act: () => unknown): number {
  return Math.min(
    ...[1, 2, 3].map(() => {
      const start = performance.now();
      act();
      return performance.now() - start;
    }),
  );
}

describe('more rounds of key derivation than are run are refused before the first', () => {
  const tenMillion = 10_000_000n;
  const files: Record<string, Buffer> = {
    'a MAC of ten million': pfx([], macData(tenMillion)),
    'ten million for a part': pfx([encryptedSafe(pbes2(pbkdf2(tenMillion, HMAC_SHA256)))]),
    'ten million for a key': pfx([safe(shroudedKeyBag(tripleDes(tenMillion)))]),
    'ten million in shares of a tenth': pfx(
      Array(10).fill(encryptedSafe(pbes2(pbkdf2(tenMillion / 10n, HMAC_SHA256)))),
    ),
    'ten million in the shares of keys': pfx([safe(...Array(200).fill(shroudedKeyBag(pbes2(pbkdf2(50_000n)))))]),
    'ten million behind a MAC that is run first': pfx(
      [safe(shroudedKeyBag(tripleDes(tenMillion)))],
      macData(TOTAL / 2n),
    ),
    'more than fits a number': pfx([], macData(1n << 200n)),
    'more than fits 32 bits': pfx([encryptedSafe(pbes2(pbkdf2(1n << 33n)))]),
    'a PBMAC1 key of many blocks': pfx([], pbmac1(500_000n, 1000n)),
    'scrypt of many mixes': pfx([encryptedSafe(pbes2(scrypt(1n << 12n, 8n, 1000n)))]),
  };
  test.each(Object.entries(files))('%s', (_, file) => {
    expect(refusal(file)).toBe('PBE_ITERATIONS');
    expect(fastest(() => refusal(file))).toBeLessThan(TOO_SHORT_FOR_ROUNDS_MS);
  });

  test('as many as are allowed are not refused; each block of a derived key counts, and each form of the empty passphrase', () => {
    const share = (divisor: bigint, excess = 0n): bigint => TOTAL / divisor + excess;
    // RFC 7292 §B.2 with SHA-1: two blocks for the key of triple DES, one for its vector.
    expect(refusal(pfx([safe(shroudedKeyBag(tripleDes(share(3n, 1n))))]))).toBe('PBE_ITERATIONS');
    expect(refusal(pfx([safe(shroudedKeyBag(tripleDes(share(6n, 1n))))]), '')).toBe('PBE_ITERATIONS');
    // HMAC-SHA-1's key is one block; the MAC is computed once for each form.
    expect(refusal(pfx([], macData(share(1n, 1n))))).toBe('PBE_ITERATIONS');
    expect(refusal(pfx([], macData(share(2n, 1n))), '')).toBe('PBE_ITERATIONS');
    // HMAC-SHA-1 makes the 32 octets of AES-256's key in two blocks, HMAC-SHA-256 in one.
    expect(refusal(pfx([encryptedSafe(pbes2(pbkdf2(share(2n, 1n))))]))).toBe('PBE_ITERATIONS');
    expect(refusal(pfx([encryptedSafe(pbes2(pbkdf2(share(1n, 1n), HMAC_SHA256)))]))).toBe('PBE_ITERATIONS');
    expect(() => readPkcs12(pfx([encryptedSafe(pbes2(pbkdf2(share(1n), HMAC_SHA256)))]), 'p')).toThrow(WrongPassphrase);
  });

  test('what an encrypted part claims inside is counted with what was run to open it', () => {
    const rounds = TOTAL / 2n + 1n;
    const key = pbkdf2Sync('p', 'saltsalt', 3, 32, 'sha256');
    const inside = (count: bigint): Buffer =>
      pfx([
        encryptedSafe(
          pbes2(pbkdf2(3n, HMAC_SHA256)),
          tlv(0x80, aes256(key, sequence(...Array(2).fill(shroudedKeyBag(pbes2(pbkdf2(count, HMAC_SHA256))))))),
        ),
      ]);
    expect(refusal(inside(rounds))).toBe('PBE_ITERATIONS');
    expect(() => readPkcs12(inside(2n), 'p')).toThrow(WrongPassphrase);
  });
});

test('scrypt is run within 32 MiB and refused beyond', () => {
  const key = scryptSync('p', 'saltsalt', 32, { cost: 1 << 14, blockSize: 8, parallelization: 1 });
  const ciphertext = tlv(0x80, aes256(key, sequence(certBag(certificate()))));
  const file = pfx([encryptedSafe(pbes2(scrypt(1n << 14n, 8n, 1n)), ciphertext)]);
  expect(readPkcs12(file, 'p').certificates).toEqual([certificate()]);
  for (const [cost, blockSize, parallelization] of [
    [1n << 15n, 8n, 1n],
    [2n, 1n << 20n, 1n],
    [2n, 1n, 1n << 20n],
    [1n << 31n, (1n << 32n) - 1n, (1n << 32n) - 1n],
  ] as const) {
    expect(refusal(pfx([encryptedSafe(pbes2(scrypt(cost, blockSize, parallelization)))]))).toBe('SCRYPT_BYTES');
  }
});

test('scrypt has the costs of RFC 7914 §2, and no others', () => {
  const sealed = (cost: number, blockSize: number, parallelization: number): Buffer => {
    const key = scryptSync('p', 'saltsalt', 32, { cost, blockSize, parallelization });
    const ciphertext = tlv(0x80, aes256(key, sequence(certBag(certificate()))));
    const algorithm = scrypt(BigInt(cost), BigInt(blockSize), BigInt(parallelization));
    return pfx([encryptedSafe(pbes2(algorithm), ciphertext)]);
  };
  for (const [cost, blockSize, parallelization] of [
    [2, 8, 1],
    [4, 3, 2],
    [1 << 15, 1, 1],
  ] as const) {
    expect(readPkcs12(sealed(cost, blockSize, parallelization), 'p').certificates).toEqual([certificate()]);
  }
  // Not above 1, no power of two, not below 2^(128 r / 8).
  for (const [cost, blockSize] of [
    [1n, 8n],
    [3n, 8n],
    [1n << 16n, 1n],
    [1n << 17n, 1n],
  ] as const) {
    expect(() => readPkcs12(pfx([encryptedSafe(pbes2(scrypt(cost, blockSize, 1n)))]), 'p')).toThrow(NotAPkcs12);
  }
});

test('a salt of 1,024 octets and a file of a megabyte are looked into', () => {
  expect(() => readPkcs12(pfx([], macData(1n, Buffer.alloc(20), Buffer.alloc(1024))), 'p')).toThrow(WrongPassphrase);
  expect(() => readPkcs12(Buffer.alloc(1 << 20), 'p')).toThrow(NotAPkcs12);
});

test.each<[Limit, () => Buffer, string]>([
  ['PKCS12_BYTES', () => Buffer.alloc((1 << 20) + 1), 'p'],
  ['PASSPHRASE_CHARACTERS', () => pfx([]), 'x'.repeat(1025)],
  ['PBE_SALT_BYTES', () => pfx([], macData(1n, Buffer.alloc(20), Buffer.alloc(1025))), 'p'],
  ['DER_ELEMENTS', () => pfx([safe(...Array(20_000).fill(certBag(sequence())))]), 'p'],
])('beyond %s nothing is read', (limit, file, passphrase) => {
  expect(refusal(file(), passphrase)).toBe(limit);
});

test('a passphrase of 1,024 characters is tried', () => {
  expect(readPkcs12(pfx([]), 'x'.repeat(LIMITS.PASSPHRASE_CHARACTERS)).certificates).toEqual([]);
});

test('thousands of keys of which none has a certificate are not all computed with', () => {
  const rsaLike = sequence(
    integer(0n),
    sequence(hex('06 09 2a 86 48 86 f7 0d 01 01 01'), hex('05 00')),
    octets(Buffer.alloc(200)),
  );
  const file = pfx([safe(certBag(certificate()), ...Array(3000).fill(sequence(OID.keyBag, tlv(0xa0, rsaLike))))]);
  expect(fastest(() => readPkcs12(file, 'p'))).toBeLessThan(1000);
});

function pbmac1(iterations: bigint, keyLength: bigint): Buffer {
  const scheme = sequence(OID.pbmac1, sequence(pbkdf2(iterations, integer(keyLength), HMAC_SHA256), HMAC_SHA256));
  return sequence(sequence(scheme, octets(Buffer.alloc(32))), octets(Buffer.alloc(8)));
}

test('a megabyte under RC2 is dealt with in seconds', () => {
  const rc2 = sequence(hex('06 0a 2a 86 48 86 f7 0d 01 0c 01 06'), sequence(octets(Buffer.alloc(8)), integer(1n)));
  const file = pfx([encryptedSafe(rc2, tlv(0x80, Buffer.alloc(1_048_000)))]);
  expect(fastest(() => refusal(file))).toBeLessThan(5000);
});
