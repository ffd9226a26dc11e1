import { randomBytes } from 'node:crypto';
import { KekMalformed } from './errors.ts';

/** AES-256. */
export const KEK_BYTES = 32;

const BASE64_OF_32_BYTES = /^[A-Za-z0-9+/]{43}=$/;

/**
 * Reads a key-encryption key.
 *
 * @param text standard base64 of exactly 32 bytes, as `openssl rand -base64 32` prints it; white space around it is ignored
 * @throws {KekMalformed} for anything else, so that a truncated or hex key is never used
 */
export function parseKek(text: string): Buffer {
  const trimmed = text.trim();
  if (!BASE64_OF_32_BYTES.test(trimmed)) {
    throw new KekMalformed();
  }
  const kek = Buffer.from(trimmed, 'base64');
  // The last character of a 32-byte key carries two unused bits; other ways to write them would make two texts of one key.
  if (kek.toString('base64') !== trimmed) {
    throw new KekMalformed();
  }
  return kek;
}

/** Makes a new key-encryption key: standard base64 of 32 random bytes. */
export function generateKek(): string {
  return randomBytes(KEK_BYTES).toString('base64');
}
