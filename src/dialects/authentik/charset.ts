import { TextDecoder } from 'node:util';
import { firstUtf8Error } from './utf8.ts';

/** The bytes are no text in their charset. The message is the one of Python's codec. */
export class UndecodableText extends Error {
  override readonly name = 'UndecodableText';
}

/** Names by which Python knows what the Encoding Standard takes for windows-1252. */
const LATIN_1 = new Set(['latin-1', 'latin_1', 'latin1', 'iso-8859-1', 'iso_8859-1', 'iso8859-1', 'l1', '8859']);
const ASCII = new Set(['ascii', 'us-ascii', 'us_ascii', '646', 'ansi_x3.4-1968', 'iso646-us']);

/**
 * The text of a body, as Python's `bytes.decode` reads it.
 *
 * @param charset of the Content-Type header, in lower case; unknown ones count for UTF-8, as in the original
 * @throws {UndecodableText}
 */
export function decodeText(body: Buffer, charset = 'utf-8'): string {
  if (LATIN_1.has(charset)) {
    return body.toString('latin1');
  }
  if (ASCII.has(charset)) {
    return decodeAscii(body);
  }
  const decoder = decoderOf(charset);
  try {
    return decoder.decode(body);
  } catch {
    throw new UndecodableText(decoder.encoding === 'utf-8' ? utf8Problem(body) : 'the body is not in its charset');
  }
}

function decoderOf(charset: string): TextDecoder {
  const options = { fatal: true, ignoreBOM: true };
  try {
    return new TextDecoder(charset, options);
  } catch {
    return new TextDecoder('utf-8', options);
  }
}

function decodeAscii(body: Buffer): string {
  const position = body.findIndex((byte) => byte > 0x7f);
  if (position !== -1) {
    throw new UndecodableText(problem('ascii', body, position, position + 1, 'ordinal not in range(128)'));
  }
  return body.toString('latin1');
}

function utf8Problem(body: Buffer): string {
  const error = firstUtf8Error(body);
  // The decoder refused it, so that there is one.
  return error === undefined ? 'no UTF-8' : problem('utf-8', body, error.start, error.end, error.reason);
}

/** `str(UnicodeDecodeError)`: one byte is named, several are counted. */
function problem(codec: string, body: Buffer, start: number, end: number, reason: string): string {
  const what =
    end - start === 1
      ? `byte 0x${(body[start] ?? 0).toString(16).padStart(2, '0')} in position ${start}`
      : `bytes in position ${start}-${end - 1}`;
  return `'${codec}' codec can't decode ${what}: ${reason}`;
}
