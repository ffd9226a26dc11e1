import { pbkdf2Sync } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { DerError, DerLimitError } from '../../../src/x509/der/error.ts';
import { BeyondLimits, LIMITS, NotAPkcs12, readPkcs12 } from '../../../src/x509/index.ts';
import { normalizeBer, spansOneSequence } from '../../../src/x509/pkcs12/ber.ts';
import { certificate, hex, integer, sequence } from '../support/der.ts';
import {
  aes256,
  bag,
  certBag,
  contentInfo,
  encryptedSafe,
  OID,
  octets,
  pbes2,
  pbkdf2,
  pfx,
  safe,
  shroudedKeyBag,
} from './support/build.ts';

/** An element of indefinite length (X.690 §8.1.3.6). */
const indefinite = (tag: number, ...content: Buffer[]): Buffer =>
  Buffer.concat([Buffer.from([tag, 0x80]), ...content, Buffer.alloc(2)]);
/** An element whose length has leading zeros (X.690 §8.1.3.5). */
const padded = (tag: number, ...content: Buffer[]): Buffer => {
  const body = Buffer.concat(content);
  const length = Buffer.alloc(6);
  length.writeUIntBE(body.length, 0, 6);
  return Buffer.concat([Buffer.from([tag, 0x86]), length, body]);
};
/** An OCTET STRING in parts (X.690 §8.7.3), the last of them in parts again. */
const inParts = (content: Buffer, tag = 0x24): Buffer => {
  const middle = content.length >> 1;
  const last = padded(0x24, octets(content.subarray(middle)), octets(Buffer.alloc(0)));
  return indefinite(tag, octets(content.subarray(0, middle)), last);
};

test.each<[string, string, string]>([
  ['DER', '30 03 02 01 05', '30 03 02 01 05'],
  ['an indefinite length', '30 80 02 01 05 00 00', '30 03 02 01 05'],
  ['indefinite lengths inside each other', '30 80 31 80 05 00 00 00 00 00', '30 04 31 02 05 00'],
  ['padded lengths', '30 83 00 00 04 02 81 01 05', '30 03 02 01 05'],
  ['an OCTET STRING in parts', '24 80 04 01 01 24 04 04 02 02 03 00 00', '04 03 01 02 03'],
  ['an OCTET STRING of no parts', '24 00', '04 00'],
  ['tags of the long form', 'bf 81 01 80 9f 1f 01 00 00 00', 'bf 81 01 04 9f 1f 01 00'],
  ['what OCTET STRINGs hold, which stays', '04 04 30 80 00 00', '04 04 30 80 00 00'],
  ['a long tag with a group of zeros in it', 'bf 81 80 01 80 00 00', 'bf 81 80 01 00'],
  ['a length of eight octets', '30 88 00 00 00 00 00 00 00 03 02 01 05', '30 03 02 01 05'],
  ['a length just over a boundary', `04 83 00 00 80 ${'00'.repeat(128)}`, `04 81 80 ${'00'.repeat(128)}`],
])('%s becomes DER', (_, ber, der) => {
  expect(normalizeBer(hex(ber)).toString('hex')).toBe(hex(der).toString('hex'));
});

test.each<[string, string]>([
  ['nothing', ''],
  ['a cut tag', 'bf 81'],
  ['a cut length', '30 82 01'],
  ['no length', '30'],
  ['a cut content', '30 03 02 01'],
  ['a member longer than what holds it', '30 03 02 02 05 05'],
  ['no end of contents', '30 80 02 01 05'],
  ['half an end of contents', '30 80 02 01 05 00'],
  ['end-of-contents octets that hold something', '30 80 00 01 00 00 00'],
  ['end-of-contents octets that claim to hold something', '30 80 00 05'],
  ['end-of-contents octets in a definite length', '30 02 00 00'],
  ['end-of-contents octets alone', '00 00'],
  ['a primitive element of indefinite length', '04 80 00 00'],
  ['a primitive element of indefinite length inside', '30 80 04 80 00 00'],
  ['a length of nine octets', '30 89 00 00 00 00 00 00 00 00 00'],
  ['the reserved length', `30 ff ${'00'.repeat(127)}`],
  ['a length of 2^63', '30 88 80 00 00 00 00 00 00 00'],
  ['an OCTET STRING with parts of another type', '24 03 02 01 05'],
  ['something after the element', '30 00 00'],
])('%s is refused', (_, ber) => {
  expect(() => normalizeBer(hex(ber))).toThrow(DerError);
  expect(() => readPkcs12(hex(ber), '')).toThrow(NotAPkcs12);
});

test.each<[string, boolean, string]>([
  ['DER', true, '30 03 02 01 05'],
  ['nothing inside', true, '30 00'],
  ['a padded length', true, '30 82 00 03 02 01 05'],
  ['an indefinite length', true, '30 80 02 01 05 00 00'],
  ['an indefinite length with nothing inside', true, '30 80 00 00'],
  ['no octets', false, ''],
  ['one octet', false, '30'],
  ['another type', false, '31 03 02 01 05'],
  ['a length that is too small', false, '30 02 02 01 05'],
  ['a length that is too large', false, '30 04 02 01 05'],
  ['a long length that is too large', false, '30 82 01 00 02 01 05'],
  ['a cut length', false, '30 82 00'],
  ['an indefinite length without its end', false, '30 80 02 01 05 00 01'],
  ['an indefinite length whose end is half of it', false, '30 80 00'],
  ['an indefinite length alone', false, '30 80'],
])('whether octets are one SEQUENCE, by its header: %s: %s', (_, expected, octets) => {
  expect(spansOneSequence(hex(octets))).toBe(expected);
});

test('as many elements, octets and levels are walked as of DER, and no more', () => {
  const limitOf = (ber: Buffer): string | undefined => {
    try {
      normalizeBer(ber);
    } catch (error) {
      return error instanceof DerLimitError ? error.limit : 'no limit';
    }
    return undefined;
  };
  const nested = (levels: number): Buffer =>
    Buffer.concat([Buffer.alloc(2 * levels, hex('30 80')), hex('05 00'), Buffer.alloc(2 * levels)]);
  const wide = (members: number): Buffer => sequence(Buffer.alloc(2 * members, hex('05 00')));
  expect(limitOf(nested(LIMITS.DER_DEPTH))).toBeUndefined();
  expect(limitOf(nested(LIMITS.DER_DEPTH + 1))).toBe('DER_DEPTH');
  expect(limitOf(wide(LIMITS.DER_ELEMENTS - 1))).toBeUndefined();
  expect(limitOf(wide(LIMITS.DER_ELEMENTS))).toBe('DER_ELEMENTS');
  expect(limitOf(Buffer.alloc(LIMITS.DER_BYTES))).toBe('no limit');
  expect(limitOf(Buffer.alloc(LIMITS.DER_BYTES + 1))).toBe('DER_BYTES');
});

describe('a file as NSS and Java may write it', () => {
  const passphrase = 'secret';
  const own = certificate();

  test('is read through all of its layers', () => {
    const key = pbkdf2Sync(passphrase, 'saltsalt', 5, 32, 'sha1');
    const bags = indefinite(
      0x30,
      padded(
        0x30,
        OID.certBag,
        indefinite(0xa0, indefinite(0x30, OID.x509Certificate, indefinite(0xa0, inParts(own)))),
      ),
    );
    // [0] IMPLICIT: an OCTET STRING in parts that doesn't look like one.
    const encrypted = encryptedSafe(pbes2(pbkdf2(5n)), inParts(aes256(key, bags), 0xa0));
    const authenticated = indefinite(0x30, encrypted, contentInfo(OID.data, inParts(indefinite(0x30, certBag(own)))));
    const file = indefinite(0x30, integer(3n), indefinite(0x30, OID.data, indefinite(0xa0, inParts(authenticated))));
    expect(readPkcs12(file, passphrase).certificates).toEqual([own, own]);
  });

  test('gives a key that is encrypted in BER as DER', () => {
    const key = pbkdf2Sync(passphrase, 'saltsalt', 5, 32, 'sha1');
    const ed25519 = sequence(hex('06 03 2b 65 70'));
    const secret = octets(octets(Buffer.alloc(32, 7)));
    const ber = indefinite(
      0x30,
      integer(0n),
      padded(0x30, hex('06 03 2b 65 70')),
      inParts(octets(Buffer.alloc(32, 7))),
    );
    const file = pfx([safe(shroudedKeyBag(pbes2(pbkdf2(5n)), aes256(key, ber)))]);
    expect(readPkcs12(file, passphrase).privateKey).toEqual(sequence(integer(0n), ed25519, secret));
  });

  test('is refused where it nests or branches without end', () => {
    const nested = (depth: number): Buffer => {
      let content: Buffer = Buffer.alloc(0);
      for (let level = 0; level < depth; level++) content = indefinite(0x30, content);
      return content;
    };
    expect(() => readPkcs12(nested(64), '')).toThrow(NotAPkcs12);
    expect(() => readPkcs12(nested(65), '')).toThrow(BeyondLimits);
    expect(() => readPkcs12(nested(20_000), '')).toThrow(BeyondLimits);
    expect(() => readPkcs12(indefinite(0x30, Buffer.alloc(120_000, hex('05 00'))), '')).toThrow(BeyondLimits);
    let bags = certBag(own);
    for (let level = 0; level < 40; level++) bags = bag(OID.safeContentsBag, sequence(bags));
    expect(() => readPkcs12(pfx([safe(bags)]), '')).toThrow(BeyondLimits);
  });
});
