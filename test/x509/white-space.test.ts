import { describe, expect, test } from 'vitest';
import { removeWhiteSpace, stripAsPython, trimWhiteSpace } from '../../src/x509/white-space.ts';

const units = Array.from({ length: 0x10000 }, (_, code) => String.fromCharCode(code));
/** Unicode's property, as JavaScript knows it. All its characters are of one unit. */
const isWhiteSpace = (character: string): boolean => /\p{White_Space}/u.test(character);
/** What Python 3.13 says by `[c for c in map(chr, range(0x110000)) if c.isspace()]` beyond Unicode's property. */
const SEPARATORS = ['\x1c', '\x1d', '\x1e', '\x1f'];

test("white space is what Unicode calls so, and no other unit of JavaScript's strings", () => {
  expect(units.filter((unit) => removeWhiteSpace(unit) === '')).toEqual(units.filter(isWhiteSpace));
  expect(units.filter((unit) => trimWhiteSpace(unit) === '')).toEqual(units.filter(isWhiteSpace));
});

test('Python strips the four separators of ASCII too', () => {
  const expected = units.filter((unit) => isWhiteSpace(unit) || SEPARATORS.includes(unit));
  expect(units.filter((unit) => stripAsPython(unit) === '')).toEqual(expected);
});

test('white space is removed wherever it stands', () => {
  expect(removeWhiteSpace(' a\t\tb\u3000c\r\n')).toBe('abc');
  expect(removeWhiteSpace('')).toBe('');
});

describe.each([
  ['trimWhiteSpace', trimWhiteSpace],
  ['stripAsPython', stripAsPython],
])('%s takes it from both ends and leaves what is inside', (_, trim) => {
  test.each([
    [' \u00a0a b\u2003\n', 'a b'],
    ['a b', 'a b'],
    ['a ', 'a'],
    [' a', 'a'],
    [' \t ', ''],
    ['', ''],
  ])('%j', (text, expected) => expect(trim(text)).toBe(expected));
});
