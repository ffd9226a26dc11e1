import { expect, test } from 'vitest';
import { digestOf } from '../../src/http/index.ts';

// FIPS 180-4, whose examples NIST publishes: SHA-256 of "abc".
test('is the SHA-256 of a text', () => {
  const hex = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';
  expect(digestOf('abc')).toBe(Buffer.from(hex, 'hex').toString('base64url'));
  expect(digestOf('ü')).not.toBe(digestOf('u'));
});
