/** Unicode's White_Space, which Rust's `char::is_whitespace` and `trim` go by; JavaScript's `\s` has U+FEFF and lacks U+0085. */
const WHITE_SPACE = /[\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+/g;

/** The text without any white space (Unicode's). */
export function removeWhiteSpace(text: string): string {
  return text.replace(WHITE_SPACE, '');
}

/** The text without white space (Unicode's) at both ends, as Rust's `trim`. */
export function trimWhiteSpace(text: string): string {
  return trimWhere(text, isWhiteSpace);
}

/** The text as Python's `str.strip()` leaves it: Unicode's white space and the separators U+001C to U+001F go. */
export function stripAsPython(text: string): string {
  return trimWhere(text, (code) => isWhiteSpace(code) || (code >= 0x1c && code <= 0x1f));
}

/** By hand and not by a regular expression: one anchored at the end is quadratic on long runs of blanks. */
function trimWhere(text: string, isBlank: (code: number) => boolean): string {
  let start = 0;
  let end = text.length;
  while (start < end && isBlank(text.charCodeAt(start))) start++;
  while (end > start && isBlank(text.charCodeAt(end - 1))) end--;
  return text.slice(start, end);
}

function isWhiteSpace(code: number): boolean {
  if (code < 0x80) return code === 0x20 || (code >= 0x09 && code <= 0x0d);
  return (
    code === 0x85 ||
    code === 0xa0 ||
    code === 0x1680 ||
    (code >= 0x2000 && code <= 0x200a) ||
    code === 0x2028 ||
    code === 0x2029 ||
    code === 0x202f ||
    code === 0x205f ||
    code === 0x3000
  );
}
