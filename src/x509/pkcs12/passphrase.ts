import { BeyondLimits, WrongPassphrase } from '../errors.ts';
import { LIMITS } from '../limits.ts';

/** A passphrase in the encodings that PKCS#12 files want. */
export interface Passphrase {
  /** For PBES2 and PBMAC1 (RFC 8018 §3, RFC 9579). */
  readonly utf8: Buffer;
  /** For the key derivation of PKCS#12: BMPStrings that end in two zero octets (RFC 7292 §B.1), those to be tried, in order. */
  readonly bmp: readonly Buffer[];
}

const TERMINATOR = Buffer.alloc(2);

/**
 * Encodes a passphrase. Of the empty one there are two forms for the key derivation of PKCS#12, as writers disagree: two zero octets,
 * which the RFC says and comes first, and no octet at all.
 * @param text any Unicode; beyond the Basic Multilingual Plane it becomes surrogate pairs, as with OpenSSL.
 * @throws WrongPassphrase for half a surrogate pair, which no encoding has; BeyondLimits
 */
export function encodePassphrase(text: string): Passphrase {
  if (text.length > LIMITS.PASSPHRASE_CHARACTERS) throw new BeyondLimits('PASSPHRASE_CHARACTERS');
  if (/\p{Surrogate}/u.test(text)) throw new WrongPassphrase('the passphrase is not well-formed Unicode');
  const terminated = Buffer.concat([Buffer.from(text, 'utf16le').swap16(), TERMINATOR]);
  return { utf8: Buffer.from(text, 'utf8'), bmp: text === '' ? [terminated, Buffer.alloc(0)] : [terminated] };
}
