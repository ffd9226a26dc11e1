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

/**
 * Reads one or several key-encryption keys.
 *
 * @param text each as {@link parseKek} takes it, with white space or commas between, in any order
 * @returns them in that order, each once
 * @throws {KekMalformed} naming the position of the first that is none, and never its text; also where there is none at all
 */
export function parseKeks(text: string): [Buffer, ...Buffer[]] {
  const given = text.split(/[\s,]+/).filter((part) => part !== '');
  const parse = (part: string, index: number) => {
    try {
      return parseKek(part);
    } catch (error) {
      throw error instanceof KekMalformed ? new KekMalformed(index + 1) : error;
    }
  };
  const [first = parse('', 0), ...others] = given.map(parse);
  return [first, ...others.filter((kek, index) => given.indexOf(kek.toString('base64')) === index + 1)];
}

/** Makes a new key-encryption key: standard base64 of 32 random bytes. */
export function generateKek(): string {
  return randomBytes(KEK_BYTES).toString('base64');
}
