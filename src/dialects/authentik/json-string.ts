import type { JsonCursor } from './json-cursor.ts';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const FIRST_PRINTABLE = 0x20;
/** After a backslash: `"\/bfnrt`. `u` is read apart. */
const ESCAPES: ReadonlySet<number> = new Set(Array.from('"\\/bfnrt', (character) => character.charCodeAt(0)));
const UNICODE_ESCAPE = 'u'.charCodeAt(0);

/**
 * Reads the string that begins at the cursor, quotes included. Lone surrogates are refused.
 *
 * What is wrong is found by hand, in the words of the original; what is sound is unescaped by JSON.parse. A megabyte of line feeds,
 * each an escape, takes a tenth of the time that putting it together here would.
 *
 * @throws {JsonSyntaxError}
 */
export function readJsonString(cursor: JsonCursor): string {
  const { text, at: start } = cursor;
  let hasEscapes = false;
  let at = start + 1;
  for (;;) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) {
      cursor.at = at + 1;
      return hasEscapes ? (JSON.parse(text.slice(start, at + 1)) as string) : text.slice(start + 1, at);
    }
    if (code === BACKSLASH) {
      hasEscapes = true;
      at = escapeEnd(cursor, at);
    } else if (code >= FIRST_PRINTABLE) {
      at++;
    } else {
      cursor.at = at;
      throw cursor.wrong('unexpected control character in string');
    }
  }
}

/** Where the escape that begins at `start` ends. */
function escapeEnd(cursor: JsonCursor, start: number): number {
  const code = cursor.text.charCodeAt(start + 1);
  if (code === UNICODE_ESCAPE) {
    return unicodeEscapeEnd(cursor, start);
  }
  if (!ESCAPES.has(code)) {
    cursor.at = start + 1;
    throw cursor.wrong('invalid escaped sequence in string', start);
  }
  return start + 2;
}

function unicodeEscapeEnd(cursor: JsonCursor, start: number): number {
  cursor.at = start;
  const unit = readCodeUnit(cursor, 'invalid escaped sequence in string', start);
  if (unit < 0xd800 || unit > 0xdfff) {
    return cursor.at;
  }
  if (unit >= 0xdc00) {
    throw cursor.wrong('invalid high surrogate in string', start);
  }
  if (!cursor.text.startsWith('\\u', cursor.at)) {
    throw cursor.endsWithin('\\u') ? cursor.ended() : cursor.error('no low surrogate in string', start);
  }
  const low = readCodeUnit(cursor, 'invalid escape in string', start);
  if (low < 0xdc00 || low > 0xdfff) {
    throw cursor.wrong('invalid low surrogate in string', start);
  }
  return cursor.at;
}

/** Reads the `\uXXXX` that begins at the cursor. */
function readCodeUnit(cursor: JsonCursor, problem: string, start: number): number {
  const digits = /^[0-9a-fA-F]{0,4}/.exec(cursor.text.slice(cursor.at + 2, cursor.at + 6))?.[0] ?? '';
  cursor.at += 2 + digits.length;
  if (digits.length < 4) {
    throw cursor.wrong(problem, start);
  }
  return Number.parseInt(digits, 16);
}
