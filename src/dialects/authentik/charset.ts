import { TextDecoder } from 'node:util';
import { firstUtf8Error } from './utf8.ts';

/** The bytes are no text in their charset. The message is the one of Python's codec. */
export class UndecodableText extends Error {
  override readonly name = 'UndecodableText';
}

const ASCII = new Set(['ascii', 'us-ascii', '646', 'ansi-x3.4-1968', 'iso646-us']);
/** Python's names for what TextDecoder knows by others. `withMark`: a byte order mark is no part of the text. */
const ALIASES: Readonly<Record<string, { readonly label: string; readonly withMark: boolean }>> = {
  'utf-8-sig': { label: 'utf-8', withMark: true },
  'latin-1': { label: 'latin1', withMark: false },
  '8859': { label: 'latin1', withMark: false },
  u8: { label: 'utf-8', withMark: false },
  utf: { label: 'utf-8', withMark: false },
  u16: { label: 'utf-16le', withMark: true },
  utf16: { label: 'utf-16le', withMark: true },
  'utf-16': { label: 'utf-16le', withMark: true },
  'utf-16-le': { label: 'utf-16le', withMark: false },
  'utf-16-be': { label: 'utf-16be', withMark: false },
};

/**
 * The text of a body, as Python's `bytes.decode` reads it.
 *
 * @param charset of the Content-Type header; unknown ones count for UTF-8, as in the original
 * @throws {UndecodableText}
 */
export function decodeText(body: Buffer, charset = 'utf-8'): string {
  const name = charset.toLowerCase().replaceAll(/[_ ]/g, '-');
  if (ASCII.has(name)) {
    return decodeAscii(body);
  }
  const decoder = decoderOf(name, body);
  // To the Encoding Standard Latin-1 is another name of windows-1252, which Node 20 decodes as Latin-1.
  if (decoder.encoding === 'windows-1252') {
    return body.toString('latin1');
  }
  try {
    return decoder.decode(body);
  } catch {
    throw new UndecodableText(decoder.encoding === 'utf-8' ? utf8Problem(body) : 'the body is not in its charset');
  }
}

function decoderOf(name: string, body: Buffer): TextDecoder {
  const { label, withMark } = ALIASES[name] ?? { label: name, withMark: false };
  const isBigEndian = withMark && label === 'utf-16le' && body[0] === 0xfe && body[1] === 0xff;
  const options = { fatal: true, ignoreBOM: !withMark };
  try {
    return new TextDecoder(isBigEndian ? 'utf-16be' : label, options);
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
