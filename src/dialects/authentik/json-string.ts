import type { JsonCursor } from './json-cursor.ts';

/** Everything up to a quote, a backslash or a control character, which need a look. */
const PLAIN_CHARACTERS = /[^"\\\u0000-\u001f]*/y;
const ESCAPES: Readonly<Record<string, string>> = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
};

/**
 * Reads the string that begins at the cursor, quotes included. Lone surrogates are refused.
 *
 * @throws {JsonSyntaxError}
 */
export function readJsonString(cursor: JsonCursor): string {
  let content = '';
  cursor.at++;
  for (;;) {
    content += cursor.match(PLAIN_CHARACTERS);
    if (cursor.take('"')) {
      return content;
    }
    if (cursor.character !== '\\') {
      throw cursor.wrong('unexpected control character in string');
    }
    content += readEscape(cursor);
  }
}

function readEscape(cursor: JsonCursor): string {
  const start = cursor.at;
  const character = cursor.text.charAt(start + 1);
  if (character === 'u') {
    return readUnicodeEscape(cursor, start);
  }
  const escaped = ESCAPES[character];
  if (escaped === undefined) {
    cursor.at++;
    throw cursor.wrong('invalid escaped sequence in string', start);
  }
  cursor.at += 2;
  return escaped;
}

function readUnicodeEscape(cursor: JsonCursor, start: number): string {
  const unit = readCodeUnit(cursor, 'invalid escaped sequence in string', start);
  if (unit < 0xd800 || unit > 0xdfff) {
    return String.fromCharCode(unit);
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
  return String.fromCharCode(unit, low);
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
