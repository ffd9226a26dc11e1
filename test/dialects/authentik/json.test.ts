import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { JsonSyntaxError, type JsonValue, parseJson } from '../../../src/dialects/authentik/json.ts';
import { PythonNumber } from '../../../src/dialects/authentik/python.ts';

/** A value as plain data: objects as their entries, so that no key is special; numbers as JavaScript has them. */
function plain(value: unknown): unknown {
  if (value instanceof PythonNumber) {
    return Number(value.text);
  }
  if (Array.isArray(value)) {
    return value.map(plain);
  }
  return typeof value === 'object' && value !== null
    ? { entries: Object.entries(value).map(([key, member]) => [key, plain(member)]) }
    : value;
}

function problemOf(text: string): string {
  try {
    parseJson(text);
  } catch (error) {
    expect(error).toBeInstanceOf(JsonSyntaxError);
    return (error as Error).message;
  }
  throw new Error(`${JSON.stringify(text.slice(0, 80))} was accepted`);
}

function isNumber(value: JsonValue): value is PythonNumber {
  return value instanceof PythonNumber;
}

const jsonText = fc
  .tuple(fc.jsonValue({ stringUnit: 'binary' }), fc.constantFrom('', ' ', '\t', 2))
  .map(([value, indent]) => JSON.stringify(value, null, indent));

describe('sound JSON', () => {
  it('reads as JSON.parse reads it, numbers aside', () => {
    fc.assert(
      fc.property(jsonText, (text) => {
        expect(plain(parseJson(text))).toEqual(plain(JSON.parse(text)));
      }),
    );
  });

  it('may have any of the four blanks around every token', () => {
    expect(plain(parseJson(' \t\r\n{ "a" : [ 1 , true ] , "b" : { } }\n'))).toEqual(plain({ a: [1, true], b: {} }));
  });

  it.each([
    ['"\\"\\\\\\/\\b\\f\\n\\r\\t"', '"\\/\b\f\n\r\t'],
    ['"\\u00e9\\u00E9\\u0000"', 'éé\0'],
    ['"\\ud83d\\ude00"', '😀'],
    ['"\x7f"', '\x7f'],
    ['"\u2028\ufeff\ud83d\ude00"', '\u2028\ufeff😀'],
  ])('unescapes the string %s', (text, expected) => {
    expect(parseJson(text)).toBe(expected);
  });

  it('counts the last of equal keys', () => {
    expect(plain(parseJson('{"a":1,"b":2,"a":3}'))).toEqual(plain({ a: 3, b: 2 }));
  });

  it('takes __proto__ and constructor for data', () => {
    const value = parseJson('{"__proto__":{"admin":true},"constructor":null}');
    expect(plain(value)).toEqual({
      entries: [
        ['__proto__', { entries: [['admin', true]] }],
        ['constructor', null],
      ],
    });
    expect(Object.getPrototypeOf(value)).toBeNull();
    expect(({} as Record<string, unknown>)['admin']).toBeUndefined();
  });
});

describe('a number', () => {
  // What Python 3.11's str makes of orjson 3.13's value.
  it.each([
    ['0', 'int', '0'],
    ['-0', 'int', '0'],
    ['5', 'int', '5'],
    ['-17', 'int', '-17'],
    ['12345678901234567890', 'int', '12345678901234567890'],
    ['18446744073709551615', 'int', '18446744073709551615'],
    ['18446744073709551616', 'float', '1.8446744073709552e+19'],
    ['-9223372036854775808', 'int', '-9223372036854775808'],
    ['-9223372036854775809', 'float', '-9.223372036854776e+18'],
    ['1111111111111111111111111', 'float', '1.1111111111111111e+24'],
    ['1.0', 'float', '1.0'],
    ['-0.0', 'float', '-0.0'],
    ['3.00', 'float', '3.0'],
    ['1e5', 'float', '100000.0'],
    ['1E+5', 'float', '100000.0'],
    ['1e05', 'float', '100000.0'],
    ['1.5e-7', 'float', '1.5e-07'],
    ['123e-99999', 'float', '0.0'],
  ])('%s is the %s %s', (text, type, written) => {
    expect(parseJson(text)).toMatchObject({ type, text: written });
  });

  it('keeps every digit of an integer of 64 bits', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n - 1n }), (integer) => {
        expect(parseJson(`[${integer}]`)).toMatchObject([{ type: 'int', text: integer.toString() }]);
      }),
    );
  });

  it('becomes a float as soon as 64 bits do not hold it', () => {
    const beyond = fc.oneof(
      fc.bigInt({ min: 2n ** 64n, max: 10n ** 300n }),
      fc.bigInt({ min: -(10n ** 300n), max: -(2n ** 63n) - 1n }),
    );
    fc.assert(
      fc.property(beyond, (integer) => {
        const value = parseJson(integer.toString());
        expect(isNumber(value) && value.type).toBe('float');
        expect(plain(value)).toBe(Number(integer));
      }),
    );
  });
});

describe('what orjson refuses', () => {
  // The texts are those of orjson 3.13.0.
  it.each([
    ['  ', 'input data is empty: line 1 column 1 (char 0)'],
    ['nope', "invalid literal, expected 'null': line 1 column 1 (char 0)"],
    ['truE', "invalid literal, expected 'true': line 1 column 1 (char 0)"],
    ['[falsy]', "invalid literal, expected 'false': line 1 column 2 (char 1)"],
    ['tru', 'unexpected end of data: line 1 column 4 (char 3)'],
    ['{"a":NaN}', 'unexpected character, expected a JSON value: line 1 column 6 (char 5)'],
    ['Infinity', 'unexpected character, expected a JSON value: line 1 column 1 (char 0)'],
    ['\u00a0{}', 'unexpected character, expected a JSON value: line 1 column 1 (char 0)'],
    ['\x0c1', 'unexpected character, expected a JSON value: line 1 column 1 (char 0)'],
    ["{'a':1}", 'unexpected character, expected a string key: line 1 column 2 (char 1)'],
    ['{1:2}', 'unexpected character, expected a string key: line 1 column 2 (char 1)'],
    ['{"a" 1}', "unexpected character, expected ':' after key: line 1 column 6 (char 5)"],
    ['{"a":}', 'unexpected character, expected a JSON value: line 1 column 6 (char 5)'],
    ['{"a":1 "b":2}', "unexpected character, expected ',' or '}': line 1 column 8 (char 7)"],
    ['[1 2]', "unexpected character, expected ',' or ']': line 1 column 4 (char 3)"],
    ['[1, \n ]', 'trailing comma is not allowed: line 1 column 3 (char 2)'],
    ['{"a":1 ,}', 'trailing comma is not allowed: line 1 column 8 (char 7)'],
    ['{}x', 'unexpected content after document: line 1 column 3 (char 2)'],
    ['1_0', 'unexpected content after document: line 1 column 2 (char 1)'],
    ['\ufeff{}', 'UTF-8 byte order mark (BOM) is not supported: line 1 column 1 (char 0)'],
    ['[', 'unexpected end of data: line 1 column 2 (char 1)'],
    ['{"a":1, ', 'unexpected end of data: line 1 column 9 (char 8)'],
    ['"abc', 'unexpected end of data: line 1 column 5 (char 4)'],
    ['"a\tb"', 'unexpected control character in string: line 1 column 3 (char 2)'],
    ['"\0"', 'unexpected control character in string: line 1 column 2 (char 1)'],
    ['"\x1f"', 'unexpected control character in string: line 1 column 2 (char 1)'],
    ['"\\x"', 'invalid escaped sequence in string: line 1 column 2 (char 1)'],
    ['"\\u12G4"', 'invalid escaped sequence in string: line 1 column 2 (char 1)'],
    ['"\\u12', 'unexpected end of data: line 1 column 6 (char 5)'],
    ['"\\udc00"', 'invalid high surrogate in string: line 1 column 2 (char 1)'],
    ['"\\ud800x"', 'no low surrogate in string: line 1 column 2 (char 1)'],
    ['"\\ud800\\u0041"', 'invalid low surrogate in string: line 1 column 2 (char 1)'],
    ['"\\ud800\\uGGGG"', 'invalid escape in string: line 1 column 2 (char 1)'],
    ['01', 'number with leading zero is not allowed: line 1 column 1 (char 0)'],
    ['-00', 'number with leading zero is not allowed: line 1 column 2 (char 1)'],
    ['+1', 'no digit after sign: line 1 column 1 (char 0)'],
    ['.5', 'no digit after sign: line 1 column 1 (char 0)'],
    ['[-]', 'no digit after sign: line 1 column 3 (char 2)'],
    ['[1.]', 'no digit after decimal point: line 1 column 4 (char 3)'],
    ['1.', 'unexpected end of data: line 1 column 3 (char 2)'],
    ['1e+]', 'no digit after exponent sign: line 1 column 4 (char 3)'],
    ['{"a":1e999}', 'number is infinity when parsed as double: line 1 column 6 (char 5)'],
    [`${'1'.repeat(400)}`, 'number is infinity when parsed as double: line 1 column 1 (char 0)'],
    ['"é" x', 'unexpected content after document: line 1 column 5 (char 4)'],
    ['{\n  "é😀": é\n}', 'unexpected character, expected a JSON value: line 2 column 9 (char 10)'],
  ])('%j is refused in its words', (text, expected) => {
    expect(problemOf(text)).toBe(expected);
  });

  it('is what JSON.parse refuses, and numbers beyond a double', () => {
    const mutilated = fc
      .tuple(jsonText, fc.nat(), fc.nat(1), fc.constantFrom(...'"\\,:[]{}0.e-+\n\0é', ''))
      .map(([text, at, removed, inserted]) => {
        const characters = Array.from(text);
        characters.splice(at % (characters.length + 1), removed, inserted);
        return characters.join('');
      });
    fc.assert(
      fc.property(mutilated, (text) => {
        expect(accepts(parseJson, text)).toBe(accepts(parseFinite, text));
      }),
      { numRuns: 1000 },
    );
  });

  it('is a nesting beyond 1024, so that no body overflows the stack', () => {
    expect(accepts(parseJson, '['.repeat(1024) + ']'.repeat(1024))).toBe(true);
    expect(problemOf('['.repeat(1025) + ']'.repeat(1025))).toBe('depth limit exceeded: line 1 column 1026 (char 1025)');
    expect(problemOf('{"a":'.repeat(500_000))).toBe('depth limit exceeded: line 1 column 5122 (char 5121)');
  });
});

function accepts(parse: (text: string) => unknown, text: string): boolean {
  try {
    parse(text);
    return true;
  } catch {
    return false;
  }
}

function parseFinite(text: string): unknown {
  return JSON.parse(text, (_key, value: unknown) => {
    if (typeof value === 'number' && !Number.isFinite(value)) {
      throw new RangeError('beyond a double');
    }
    return value;
  });
}

describe('a hostile megabyte', () => {
  const MEGABYTE = 2 ** 20;
  const filled = (unit: string) => unit.repeat(MEGABYTE / unit.length);

  it.each([
    ['of digits', filled('1')],
    ['of digits behind the point', `0.${filled('1')}`],
    ['of zeros in an exponent', `1e${filled('0')}`],
    ['of escapes', `"${filled('\\u0041')}"`],
    ['of backslashes', `"${filled('\\')}`],
    ['of blanks', filled(' ')],
    ['of blanks in a string', `"${filled(' ')}`],
    ['of lines', `[${filled('\n')}x`],
    ['of commas', `[1${filled(',')}`],
    ['of elements', `[${filled('1,')}1]`],
    ['of equal keys', `{${filled('"a":1,')}"a":1}`],
    ['of other keys', `{${Array.from({ length: MEGABYTE / 12 }, (_, index) => `"${index}":1`).join(',')}}`],
    ['of quotes', filled('"')],
    ['of surrogate halves', `"${filled('\\ud83d')}`],
  ])('%s is read or refused at once', (_kind, text) => {
    expect([true, false]).toContain(accepts(parseJson, text));
  });
});
