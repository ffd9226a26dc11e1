import type { Realm } from './keypair.ts';

/** Whether names are unique among the keypairs of a realm's scope; the unique index in the migrations says the same. */
export function hasUniqueNames(realm: Realm): boolean {
  return realm !== 'astra';
}

/** A longer name fails in PostgreSQL's index depending on how well it compresses; the bound makes that a rule. */
export const MAX_NAME_BYTES = 2048;

/**
 * Folds text for searching: each code point to its upper case where that is a single code point, as PostgreSQL's `upper` does for a
 * locale-independent database. What the original finds without regard to case, this finds too, on any database.
 */
export function foldCase(text: string): string {
  let folded = '';
  for (const character of text) {
    const upper = character.toUpperCase();
    folded += isSingleCodePoint(upper) ? upper : character;
  }
  return folded;
}

/** Whether a name has more UTF-8 bytes than can be stored. */
export function isNameTooLong(name: string): boolean {
  return Buffer.byteLength(name, 'utf8') > MAX_NAME_BYTES;
}

function isSingleCodePoint(text: string): boolean {
  return text.length === 1 || (text.length === 2 && (text.codePointAt(0) ?? 0) > 0xffff);
}
