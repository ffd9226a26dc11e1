import { TokenRefused } from './token-errors.ts';

/** authentik's slug: what stands in a path without being escaped. */
const IDENTIFIER = /^[-a-zA-Z0-9_]{1,255}$/;
const MAX_USERNAME = 150;

/** The row that every replica writes at its start; nobody else's token takes its name. */
export const BOOTSTRAP_IDENTIFIER = 'bootstrap';

/** @throws {TokenRefused} for what names no token */
export function checkIdentifier(text: string): void {
  if (!IDENTIFIER.test(text)) {
    throw new TokenRefused('IDENTIFIER_MALFORMED');
  }
  if (text === BOOTSTRAP_IDENTIFIER) {
    throw new TokenRefused('IDENTIFIER_TAKEN');
  }
}

/**
 * A username without the blanks around it.
 *
 * @throws {TokenRefused} where nothing is left, where more than authentik's 150 characters are, or U+0000
 */
export function checkedUsername(text: string): string {
  const username = text.trim();
  if (username === '' || Array.from(username).length > MAX_USERNAME || username.includes('\0')) {
    throw new TokenRefused('USERNAME_MALFORMED');
  }
  return username;
}
