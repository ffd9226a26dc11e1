import { JsonCursor } from './json-cursor.ts';
import { readJsonNumber } from './json-number.ts';
import { readJsonString } from './json-string.ts';
import type { PythonNumber } from './python.ts';

export { JsonSyntaxError } from './json-cursor.ts';

/** JSON as Python sees it: numbers keep their digits and their kind. Objects have no prototype, so that `__proto__` is a key like any. */
export type JsonValue = null | boolean | string | PythonNumber | readonly JsonValue[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: JsonValue;
}

/** The original's parser gives up at this depth too. */
const MAX_DEPTH = 1024;

/**
 * Reads a JSON text as strictly as the original's parser: no NaN, no byte order mark, no lone surrogate, no number beyond a double, no
 * trailing comma; of equal keys the last counts. No library does this and keeps `1.0` and integers of 20 digits.
 *
 * @throws {JsonSyntaxError}
 */
export function parseJson(text: string): JsonValue {
  const cursor = new JsonCursor(text);
  if (text.startsWith('\ufeff')) {
    throw cursor.error('UTF-8 byte order mark (BOM) is not supported');
  }
  cursor.skipBlanks();
  if (cursor.character === '') {
    throw cursor.error('input data is empty', 0);
  }
  const value = readValue(cursor, 0);
  cursor.skipBlanks();
  if (cursor.character !== '') {
    throw cursor.error('unexpected content after document');
  }
  return value;
}

function readValue(cursor: JsonCursor, depth: number): JsonValue {
  switch (cursor.character) {
    case '{':
      return readObject(cursor, depth);
    case '[':
      return readArray(cursor, depth);
    case '"':
      return readJsonString(cursor);
    case 't':
      return readLiteral(cursor, 'true', true);
    case 'f':
      return readLiteral(cursor, 'false', false);
    case 'n':
      return readLiteral(cursor, 'null', null);
    case '':
      throw cursor.ended();
    default:
      return readJsonNumber(cursor);
  }
}

function readObject(cursor: JsonCursor, depth: number): JsonObject {
  const object: Record<string, JsonValue> = Object.create(null);
  enter(cursor, depth);
  if (cursor.take('}')) {
    return object;
  }
  do {
    if (cursor.character !== '"') {
      throw cursor.unexpected('a string key');
    }
    const key = readJsonString(cursor);
    cursor.skipBlanks();
    if (!cursor.take(':')) {
      throw cursor.unexpected("':' after key");
    }
    cursor.skipBlanks();
    object[key] = readValue(cursor, depth + 1);
  } while (another(cursor, '}'));
  return object;
}

function readArray(cursor: JsonCursor, depth: number): JsonValue[] {
  enter(cursor, depth);
  if (cursor.take(']')) {
    return [];
  }
  // Begun with its first element: pushed to, an empty array makes room for seventeen, which lists of lists multiply.
  const array = [readValue(cursor, depth + 1)];
  while (another(cursor, ']')) {
    array.push(readValue(cursor, depth + 1));
  }
  return array;
}

function enter(cursor: JsonCursor, depth: number): void {
  cursor.at++;
  if (depth >= MAX_DEPTH) {
    throw cursor.error('depth limit exceeded');
  }
  cursor.skipBlanks();
}

/** Whether a comma follows, and with it one more element, or the end of the object or array. */
function another(cursor: JsonCursor, end: '}' | ']'): boolean {
  cursor.skipBlanks();
  if (cursor.take(end)) {
    return false;
  }
  const comma = cursor.at;
  if (!cursor.take(',')) {
    throw cursor.unexpected(`',' or '${end}'`);
  }
  cursor.skipBlanks();
  if (cursor.character === end) {
    throw cursor.error('trailing comma is not allowed', comma);
  }
  return true;
}

function readLiteral<T extends JsonValue>(cursor: JsonCursor, literal: string, value: T): T {
  if (!cursor.text.startsWith(literal, cursor.at)) {
    throw cursor.endsWithin(literal) ? cursor.ended() : cursor.error(`invalid literal, expected '${literal}'`);
  }
  cursor.at += literal.length;
  return value;
}
