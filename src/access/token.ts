import { hash, randomBytes } from 'node:crypto';

/** Lets secret scanners recognise a leaked token. */
const PREFIX = 'certkeep_';
const RANDOM_BYTES = 32;

/** Makes a token: the prefix and 256 random bits in base64url. */
export function generateToken(): string {
  return PREFIX + randomBytes(RANDOM_BYTES).toString('base64url');
}

/**
 * What is stored of a token: its SHA-256, 32 bytes. No slow hash: 256 random bits can't be guessed, and every request pays for this.
 *
 * @param token the text as a client sends it
 */
export function hashToken(token: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(hash('sha256', token, 'buffer'));
}
