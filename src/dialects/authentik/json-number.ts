import type { JsonCursor } from './json-cursor.ts';
import { PythonNumber } from './python.ts';

/** The rule for nearly every number by itself: a megabyte of zeros would feel it if each went through all the other rules. */
const INTEGER = /-?(?:0|[1-9]\d*)(?![\d.eE])/y;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
/** The original keeps integers of 64 bits; larger ones become floats. */
const MIN_INTEGER = -(2n ** 63n);
const MAX_INTEGER = 2n ** 64n - 1n;
/** What is no longer is one of 64 bits. */
const MAX_SHORT_LENGTH = 16;
/** A sign and twenty digits: what is longer is larger, and converting a megabyte of digits takes long. */
const MAX_INTEGER_LENGTH = 21;

/**
 * Reads the number that begins at the cursor, with its digits and its kind.
 *
 * @throws {JsonSyntaxError}
 */
export function readJsonNumber(cursor: JsonCursor): PythonNumber {
  const start = cursor.at;
  const integer = cursor.match(INTEGER);
  if (integer !== '' && isInteger64(integer)) {
    return new PythonNumber('int', integer);
  }
  const written = integer === '' ? readUnusualNumber(cursor) : integer;
  if (!Number.isFinite(Number(written))) {
    throw cursor.error('number is infinity when parsed as double', start);
  }
  return new PythonNumber('float', written);
}

function isInteger64(digits: string): boolean {
  if (digits.length <= MAX_SHORT_LENGTH || digits.length > MAX_INTEGER_LENGTH) {
    return digits.length <= MAX_SHORT_LENGTH;
  }
  const integer = BigInt(digits);
  return integer >= MIN_INTEGER && integer <= MAX_INTEGER;
}

/** Reads what is no integer, and says what is wrong with `01`, `1.` and `1e`, of which {@link NUMBER} takes the sound beginning. */
function readUnusualNumber(cursor: JsonCursor): string {
  const start = cursor.at;
  const written = cursor.match(NUMBER);
  if (written === '') {
    cursor.take('-');
    const isNumber = cursor.at > start || /[+.]/.test(cursor.text.charAt(start));
    throw isNumber ? cursor.wrong('no digit after sign') : cursor.unexpected('a JSON value');
  }
  const next = cursor.character;
  if (!/[\d.eE]/.test(next)) {
    return written;
  }
  if (/\d/.test(next)) {
    throw cursor.error('number with leading zero is not allowed', cursor.at - 1);
  }
  if (next === '.' && !/[.eE]/.test(written)) {
    cursor.at++;
    throw cursor.wrong('no digit after decimal point');
  }
  if (/[eE]/.test(next) && !/[eE]/.test(written)) {
    cursor.match(/[eE][+-]?/y);
    throw cursor.wrong('no digit after exponent sign');
  }
  return written;
}
