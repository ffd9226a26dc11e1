import { createHmac, timingSafeEqual } from 'node:crypto';

/** Texts that go to clients and come back, and are ours only if nobody changed them. They are not secret: their clients can read them. */
export interface AuthenticatedTexts {
  /** @returns standard base64 with padding (RFC 4648 §4) */
  protect(text: string): string;
  /** @returns what {@link AuthenticatedTexts.protect} was given; undefined for everything that it did not give, with a key that is at hand */
  recover(token: string): string | undefined;
}

const MAC_BYTES = 32;

/**
 * Authenticates texts by HMAC-SHA256.
 *
 * @param keys 32 bytes each; the first protects, each recovers
 */
export function authenticatedTexts(keys: readonly [Uint8Array, ...Uint8Array[]]): AuthenticatedTexts {
  const macOf = (key: Uint8Array, content: Buffer) => createHmac('sha256', key).update(content).digest();
  return {
    protect(text) {
      const content = Buffer.from(text, 'utf8');
      return Buffer.concat([macOf(keys[0], content), content]).toString('base64');
    },
    recover(token) {
      const bytes = Buffer.from(token, 'base64');
      // One text alone stands for the bytes, so that a token that was altered at all is refused.
      if (bytes.length < MAC_BYTES || bytes.toString('base64') !== token) {
        return undefined;
      }
      const [mac, content] = [bytes.subarray(0, MAC_BYTES), bytes.subarray(MAC_BYTES)];
      return keys.some((key) => timingSafeEqual(macOf(key, content), mac)) ? content.toString('utf8') : undefined;
    },
  };
}
