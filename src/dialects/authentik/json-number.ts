import type { JsonCursor } from './json-cursor.ts';
import { floatText, PythonNumber } from './python.ts';

const NUMBER = /-?(?:0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?/y;
/** The original keeps integers of 64 bits; larger ones become floats. */
const MIN_INTEGER = -(2n ** 63n);
const MAX_INTEGER = 2n ** 64n - 1n;
/** A sign and twenty digits: what is longer is larger, and converting a megabyte of digits takes long. */
const MAX_INTEGER_LENGTH = 21;

/**
 * Reads the number that begins at the cursor, with its digits and its kind.
 *
 * @throws {JsonSyntaxError}
 */
export function readJsonNumber(cursor: JsonCursor): PythonNumber {
  const start = cursor.at;
  NUMBER.lastIndex = start;
  const match = NUMBER.exec(cursor.text);
  if (match === null) {
    cursor.take('-');
    const isNumber = cursor.at > start || /[+.]/.test(cursor.text.charAt(start));
    throw isNumber ? cursor.wrong('no digit after sign') : cursor.unexpected('a JSON value');
  }
  const [written, fraction, exponent] = match;
  cursor.at += written.length;
  refuseUnfinished(cursor, written, fraction, exponent);
  if (fraction === undefined && exponent === undefined && written.length <= MAX_INTEGER_LENGTH) {
    const integer = BigInt(written);
    if (integer >= MIN_INTEGER && integer <= MAX_INTEGER) {
      return new PythonNumber('int', integer.toString());
    }
  }
  const value = Number(written);
  if (!Number.isFinite(value)) {
    throw cursor.error('number is infinity when parsed as double', start);
  }
  return new PythonNumber('float', floatText(value));
}

/** Says what is wrong with `01`, `1.` and `1e`, of which {@link NUMBER} takes the sound beginning. */
function refuseUnfinished(cursor: JsonCursor, written: string, fraction?: string, exponent?: string): void {
  const next = cursor.character;
  if (/^-?0$/.test(written) && /\d/.test(next)) {
    throw cursor.error('number with leading zero is not allowed', cursor.at - 1);
  }
  if (next === '.' && fraction === undefined && exponent === undefined) {
    cursor.at++;
    throw cursor.wrong('no digit after decimal point');
  }
  if (/[eE]/.test(next) && exponent === undefined) {
    cursor.match(/[eE][+-]?/y);
    throw cursor.wrong('no digit after exponent sign');
  }
}
