import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { floatText, parseInteger, strip } from '../../../src/dialects/authentik/python.ts';

/** Every character for which Python 3.11's str.isspace is true. */
const BLANKS =
  '\t\n\v\f\r\x1c\x1d\x1e\x1f \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000';

describe('stripping', () => {
  it('takes exactly the characters that Python calls white space, from both ends', () => {
    for (let code = 0; code <= 0xffff; code++) {
      const character = String.fromCharCode(code);
      expect(strip(`${character}x${character}`)).toBe(BLANKS.includes(character) ? 'x' : `${character}x${character}`);
    }
  });

  it('leaves what is inside', () => {
    const inner = fc.string({ unit: 'binary' }).map((text) => `<${text}>`);
    const blanks = fc.string({ unit: fc.constantFrom(...BLANKS) });
    fc.assert(
      fc.property(blanks, inner, blanks, (before, text, after) => {
        expect(strip(before + text + after)).toBe(text);
      }),
    );
  });

  it('leaves nothing of blanks alone', () => {
    expect(strip(BLANKS)).toBe('');
    expect(strip('')).toBe('');
  });

  it('ends on a megabyte of blanks inside the text', () => {
    const text = `x${' '.repeat(2 ** 20)}x`;
    expect(strip(text)).toBe(text);
  });

  it('strips other characters where they are named', () => {
    expect(strip(',,a,b,', /,/)).toBe('a,b');
  });
});

describe("Python's int", () => {
  // Each expected value is what Python 3.11 gave.
  it.each([
    ['3', 3n],
    [' 3 ', 3n],
    ['\u3000\n3\xa0', 3n],
    ['+2', 2n],
    ['-2', -2n],
    ['-0', 0n],
    ['007', 7n],
    ['1_0', 10n],
    ['1_000_000', 1_000_000n],
    ['\u0663\u0661', 31n], // ARABIC-INDIC
    ['\u0967', 1n], // DEVANAGARI
    ['\uff19', 9n], // FULLWIDTH
    ['\u{1d7ce}\u{1d7d8}\u{1d7ff}', 9n], // three of the five mathematical runs: 0, 0, 9
    ['1\u0662_\uff13', 123n],
    ['9'.repeat(40), 10n ** 40n - 1n],
  ])('reads %j', (text, expected) => {
    expect(parseInteger(text)).toBe(expected);
  });

  it.each([
    '',
    ' ',
    '+',
    '-',
    '--1',
    '+-1',
    '- 1',
    '1 0',
    '_1',
    '1_',
    '1__0',
    '+_1',
    '1.0',
    '1.',
    '1e3',
    '0x10',
    'abc',
    '²',
    '½',
    '\u2160',
    '\u200b1',
    '\ufeff1',
    '1\0',
  ])('does not read %j', (text) => {
    expect(parseInteger(text)).toBeUndefined();
  });

  it('reads back every integer that is written in decimal', () => {
    fc.assert(
      fc.property(fc.bigInt(), (integer) => {
        expect(parseInteger(` ${integer}\t`)).toBe(integer);
      }),
    );
  });

  it.each([
    ['ff', 255n],
    ['FF', 255n],
    ['0xff', 255n],
    ['0X_f_f', 255n],
    [' +1_0 ', 16n],
    ['-a', -10n],
    ['٣f', 63n],
    ['0x', undefined],
    ['_f', undefined],
    ['f__f', undefined],
    ['0x0xf', undefined],
    ['g', undefined],
    ['', undefined],
  ])('reads %j with radix 16 as %s', (text, value) => {
    expect(parseInteger(text, 16)).toBe(value);
  });

  it('strips of a text in ASCII less than of another', () => {
    expect(parseInteger('\v\f 1\r\n')).toBe(1n);
    expect(parseInteger('1\x1c')).toBeUndefined();
    expect(parseInteger('\x1f٣')).toBe(3n);
    expect(parseInteger('\u00a01')).toBe(1n);
  });

  it('gives up on more than 4,300 decimal digits', () => {
    expect(parseInteger(`${'0'.repeat(4299)}1`)).toBe(1n);
    expect(parseInteger(`${'0'.repeat(4300)}1`)).toBeUndefined();
    expect(parseInteger(`${'0'.repeat(4300)}1`, 16)).toBe(1n);
  });

  it('knows the value of every decimal digit of Unicode', () => {
    const digits = Array.from({ length: 0x110000 }, (_, code) => code)
      .filter((code) => (code < 0xd800 || code > 0xdfff) && /^\p{Nd}$/u.test(String.fromCodePoint(code)))
      .map((code) => String.fromCodePoint(code));
    // UnicodeData.txt lists them in runs of ten, zero first.
    expect(digits.map((digit) => parseInteger(digit))).toEqual(digits.map((_, index) => BigInt(index % 10)));
    expect(digits.length).toBeGreaterThanOrEqual(650);
  });
});

describe("a float's text", () => {
  // repr of Python 3.11
  it.each([
    ['1.0', '1.0'],
    ['1e5', '100000.0'],
    ['1e15', '1000000000000000.0'],
    ['9999999999999998', '9999999999999998.0'],
    ['1e16', '1e+16'],
    ['1.5e16', '1.5e+16'],
    ['123456789012345680', '1.2345678901234568e+17'],
    ['18446744073709551616', '1.8446744073709552e+19'],
    ['1e21', '1e+21'],
    ['1e22', '1e+22'],
    ['1e23', '1e+23'],
    ['1e100', '1e+100'],
    ['1.7976931348623157e308', '1.7976931348623157e+308'],
    ['0.1', '0.1'],
    ['0.30000000000000004', '0.30000000000000004'],
    ['4.35', '4.35'],
    ['123456789.123', '123456789.123'],
    ['1234567890123456.7', '1234567890123456.8'],
    ['0.0001', '0.0001'],
    ['0.00015', '0.00015'],
    ['0.00001', '1e-05'],
    ['0.000015', '1.5e-05'],
    ['1e-7', '1e-07'],
    ['1e-10', '1e-10'],
    ['5e-324', '5e-324'],
    ['2.2250738585072014e-308', '2.2250738585072014e-308'],
    ['0.0', '0.0'],
    ['-0.0', '-0.0'],
    ['-1.5', '-1.5'],
    ['-0.00015', '-0.00015'],
    ['-1e-5', '-1e-05'],
    ['-1e16', '-1e+16'],
  ])('of %s is %s', (written, expected) => {
    expect(floatText(Number(written))).toBe(expected);
  });

  it("names that very float in Python's form", () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        const text = floatText(value);
        expect(Number(text)).toBe(value);
        expect(text).toMatch(
          /^-?(?:\d{1,16}\.\d+|\d(?:\.\d+)?e(?:\+(?:1[6-9]|[2-9]\d|[123]\d\d)|-(?:0[5-9]|[1-9]\d|[123]\d\d)))$/,
        );
      }),
      { numRuns: 1000 },
    );
  });
});
