import { createHash } from 'node:crypto';

/** SHA-256 of a text in UTF-8: 43 characters of base64url (RFC 4648 §5), by which a long text is known again. */
export function digestOf(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('base64url');
}
