import { unnameableDownload } from './errors.ts';

/** What Django sends raw, as far as HTTP can carry it (RFC 9110 §5.5). */
const RAW = /^[\t\x20-\x7e\x80-\xff]*$/;
const LATIN_1 = /^[\x00-\xff]*$/;
/** Where Python's `str.splitlines` divides: its email package writes such a value in several lines, which Django refuses. */
const LINE_BOUNDARY = /[\n\v\f\r\x1c-\x1e\x85\u2028\u2029]/;
/** RFC 2047 §4.2 (3) as Python's email package narrows it: these stand for themselves, a blank becomes an underscore. */
const Q_SAFE = /[A-Za-z0-9\-!*+/]/;

/**
 * The Content-Disposition of a download, with the name unescaped as the original sends it (contract §1.6): in Latin-1 where that
 * suffices, otherwise the whole value as one RFC 2047 encoded word.
 *
 * @param name of the pair
 * @throws {Refusal} 400 for a name that no header can carry, or that the original divides into lines
 */
export function attachment(name: string, suffix: 'certificate' | 'private_key'): string {
  const value = `attachment; filename="${name}_${suffix}.pem"`;
  if (RAW.test(value)) {
    return value;
  }
  if (LATIN_1.test(value) || LINE_BOUNDARY.test(value)) {
    throw unnameableDownload();
  }
  return encodedWord(value);
}

/** Python takes the shorter of the two encodings, Q where they are equal. */
function encodedWord(text: string): string {
  const bytes = Buffer.from(text, 'utf8');
  const b = bytes.toString('base64');
  const q = Array.from(bytes, qEncode).join('');
  return b.length < q.length ? `=?utf-8?b?${b}?=` : `=?utf-8?q?${q}?=`;
}

function qEncode(byte: number): string {
  const character = String.fromCharCode(byte);
  if (Q_SAFE.test(character)) {
    return character;
  }
  return byte === 0x20 ? '_' : `=${byte.toString(16).toUpperCase().padStart(2, '0')}`;
}
