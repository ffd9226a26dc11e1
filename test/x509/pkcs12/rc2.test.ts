import { describe, expect, test } from 'vitest';
import { decryptRc2 } from '../../../src/x509/pkcs12/block-ciphers.ts';
import { hex } from '../support/der.ts';

/** RFC 2268 §5, the vectors whose effective bits are all of the key's; in CBC the initialization vector is the plaintext where theirs is zero. */
const KEY = hex('88bca90e90875a7f0f79c384627bafb2');
const ZEROS = hex('2269552ab0f85ca6');

const decrypted = (iv: string, ciphertext = ZEROS): string | undefined =>
  decryptRc2(KEY, hex(iv), ciphertext)?.toString('hex');

describe('RC2 in CBC mode', () => {
  test('decrypts as RFC 2268 §5 says, with other keys too', () => {
    expect(decryptRc2(hex('3000000000000000'), hex('5152535455565703'), hex('30649edf9be7d2c2'))).toBeNull();
    // The plaintext of this one is 10 00 … 01: what the vector adds makes its last octet 2.
    const iv = hex('5152535455560203');
    expect(decryptRc2(hex('3000000000000000'), iv, hex('30649edf9be7d2c2'))?.toString('hex')).toBe('415253545556');
  });

  test.each([
    ['one octet', '4142434445464701', '41424344454647'],
    ['three octets', '4142434445030303', '4142434445'],
    ['a whole block', '0808080808080808', ''],
  ])('takes away a padding of %s (RFC 8018 §6.1.1)', (_, iv, plaintext) => expect(decrypted(iv)).toBe(plaintext));

  test.each([
    ['of no octet', '4142434445464700'],
    ['of more than a block', '0909090909090909'],
    ['whose first octet is another', '4142434445020303'],
    ['whose octets are all another but the last', '4142434445464702'],
  ])('refuses a padding %s', (_, iv) => expect(decrypted(iv)).toBeUndefined());

  test('refuses what is no whole blocks', () => {
    for (const octets of [0, 7, 9]) {
      expect(decrypted('0808080808080808', Buffer.alloc(octets, ZEROS))).toBeUndefined();
    }
  });

  test('goes on from block to block, however many there are', () => {
    const last = hex('4142434445460202');
    const blocks = [...Array<Buffer>(70).fill(ZEROS), last, ZEROS];
    const plaintext = decryptRc2(KEY, hex('6162636465666768'), Buffer.concat(blocks)) ?? Buffer.alloc(0);
    const before = Buffer.concat([hex('6162636465666768'), ...Array<Buffer>(69).fill(ZEROS)]);
    expect(plaintext.subarray(0, before.length)).toEqual(before);
    // What stands between is the decryption of nobody's octets.
    expect(plaintext.subarray(before.length + 8).toString()).toBe('ABCDEF');
  });
});
