/** Where a byte string stops being UTF-8, as Python tells it. */
export interface Utf8Error {
  /** The bytes that belong to no character: from `start` up to, and without, `end`. */
  readonly start: number;
  readonly end: number;
  readonly reason: 'invalid start byte' | 'invalid continuation byte' | 'unexpected end of data';
}

/**
 * The first place at which bytes are no UTF-8 (Unicode Standard §3.9, table 3-7; the reasons are those of Python's codec).
 *
 * @returns `undefined` for sound UTF-8
 */
export function firstUtf8Error(bytes: Uint8Array): Utf8Error | undefined {
  let start = 0;
  while (start < bytes.length) {
    const length = sequenceLength(bytes[start] ?? 0);
    const error = length === 0 ? wrongStart(start) : wrongContinuation(bytes, start, length);
    if (error !== undefined) {
      return error;
    }
    start += length;
  }
  return undefined;
}

function wrongStart(start: number): Utf8Error {
  return { start, end: start + 1, reason: 'invalid start byte' };
}

function wrongContinuation(bytes: Uint8Array, start: number, length: number): Utf8Error | undefined {
  for (let at = start + 1; at < start + length; at++) {
    const byte = bytes[at];
    if (byte === undefined) {
      return { start, end: at, reason: 'unexpected end of data' };
    }
    if (!continues(byte, at === start + 1 ? bytes[start] : undefined)) {
      return { start, end: at, reason: 'invalid continuation byte' };
    }
  }
  return undefined;
}

/** 0 where no sequence begins with it: continuation bytes, what would be overlong, and what lies beyond U+10FFFF. */
function sequenceLength(lead: number): number {
  if (lead < 0x80) {
    return 1;
  }
  if (lead < 0xc2 || lead > 0xf4) {
    return 0;
  }
  return lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
}

/** After some lead bytes the second byte's range is narrower: no overlong forms, no surrogates, nothing beyond U+10FFFF. */
function continues(byte: number, lead: number | undefined): boolean {
  const least = lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80;
  const most = lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf;
  return byte >= least && byte <= most;
}
