import { removeWhiteSpace } from './white-space.ts';

/**
 * Decodes base64 (RFC 4648 §4) that must be canonical: padded, standard alphabet, unused bits zero; white space anywhere.
 * Null if it is not. Node's decoder skips whatever it doesn't know, so the only proof is that encoding gives the text back.
 */
export function decodeBase64(text: string): Buffer | null {
  const compact = removeWhiteSpace(text);
  const bytes = Buffer.from(compact, 'base64');
  return bytes.toString('base64') === compact ? bytes : null;
}
