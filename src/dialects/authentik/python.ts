/** How Python reads and writes the values that authentik's answers show. The original is a Python program, and this is visible. */

/** What `str.isspace` calls white space; JavaScript's `\s` lacks U+001C to U+001F and U+0085, and has U+FEFF. */
export const WHITE_SPACE = /[\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/;

/** Python's `str.strip(characters)`; without `characters` it strips white space. */
export function strip(text: string, characters = WHITE_SPACE): string {
  // By hand: a regular expression anchored at the end takes quadratic time on a long run of blanks inside the text.
  let start = 0;
  let end = text.length;
  while (start < end && characters.test(text.charAt(start))) {
    start++;
  }
  while (end > start && characters.test(text.charAt(end - 1))) {
    end--;
  }
  return text.slice(start, end);
}

const DECIMAL = /^([+-]?)(\p{Nd}+(?:_\p{Nd}+)*)$/u;
const HEXADECIMAL = /^([+-]?)(?:0[xX]_?)?([\p{Nd}a-fA-F]+(?:_[\p{Nd}a-fA-F]+)*)$/u;

/** What `int` strips: of a text in ASCII less than `str.strip` does. */
const ASCII_WHITE_SPACE = /[\t-\r ]/;
const ASCII = /^[\x00-\x7f]*$/;
/** Python gives up on longer decimal numbers (`sys.int_info.default_max_str_digits`). */
const MAX_DECIMAL_DIGITS = 4300;

/**
 * Python's `int(text, radix)`: blanks around, a sign, any script's decimal digits, single underscores between them, and with 16 the
 * letters and the prefix of hexadecimal.
 */
export function parseInteger(text: string, radix: 10 | 16 = 10): bigint | undefined {
  const match = (radix === 10 ? DECIMAL : HEXADECIMAL).exec(
    strip(text, ASCII.test(text) ? ASCII_WHITE_SPACE : WHITE_SPACE),
  );
  if (match === null) {
    return undefined;
  }
  const [, sign, written = ''] = match;
  const digits = Array.from(written.replaceAll('_', ''), (digit) =>
    /[\da-fA-F]/.test(digit) ? digit : String(digitValue(digit)),
  ).join('');
  if (radix === 10 && digits.length > MAX_DECIMAL_DIGITS) {
    return undefined;
  }
  const value = BigInt(radix === 10 ? digits : `0x${digits}`);
  return sign === '-' ? -value : value;
}

/** Decimal digits stand in runs of ten, zero first (Unicode Standard §4.6); five such runs of mathematical digits adjoin. */
function digitValue(digit: string): number {
  const code = digit.codePointAt(0) ?? 0;
  let before = 0;
  while (/\p{Nd}/u.test(String.fromCodePoint(code - before - 1))) {
    before++;
  }
  return before % 10;
}

/** A number of a JSON text, as Python keeps it: an integer with all its digits, or a float. */
export class PythonNumber {
  readonly type: 'int' | 'float';
  readonly #written: string;

  /** @param written as JSON writes numbers; an integer without fraction and exponent */
  constructor(type: 'int' | 'float', written: string) {
    this.type = type;
    this.#written = written;
  }

  /** What Python's `str` makes of it: made for who asks, since a body may hold half a million numbers that nobody looks at. */
  get text(): string {
    return this.type === 'int' ? BigInt(this.#written).toString() : floatText(Number(this.#written));
  }
}

/** Python's `repr` of a float: the shortest digits, an exponent from 1e16 up and below 1e-4, and always a point or an exponent. */
export function floatText(value: number): string {
  if (Object.is(value, -0)) {
    return '-0.0';
  }
  const [mantissa = '', exponentText = '0'] = value.toExponential().split('e');
  const exponent = Number(exponentText);
  if (value !== 0 && (exponent < -4 || exponent >= 16)) {
    const digits = Math.abs(exponent).toString().padStart(2, '0');
    return `${mantissa}e${exponent < 0 ? '-' : '+'}${digits}`;
  }
  const text = exponent < 0 ? smallText(mantissa, exponent) : value.toString();
  return text.includes('.') ? text : `${text}.0`;
}

/** JavaScript changes to exponents at 1e-7, Python at 1e-5. */
function smallText(mantissa: string, exponent: number): string {
  const sign = mantissa.startsWith('-') ? '-' : '';
  return `${sign}0.${'0'.repeat(-exponent - 1)}${mantissa.replace(/[-.]/g, '')}`;
}
