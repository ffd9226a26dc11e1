import { isUtf8 } from 'node:buffer';
import { DerError } from './der/error.ts';
import type { DerElement } from './der/reader.ts';
import { Tag } from './der/tags.ts';

const PRINTABLE = /^[A-Za-z0-9 '()+,\-./:=?]*$/;

/**
 * Refuses the characters that pyca refuses already when it loads a certificate: those outside of PrintableString's set, half
 * surrogate pairs in a BMPString, and what is no Unicode scalar value in a UniversalString.
 */
export function checkString({ tag, content }: DerElement): void {
  if (tag === Tag.PrintableString && !PRINTABLE.test(content.toString('latin1'))) {
    throw new DerError('a PrintableString with other characters');
  }
  if (tag === Tag.BmpString) decodeBmp(content);
  if (tag === Tag.UniversalString) decodeUniversal(content);
}

/**
 * The text of a string type, decoded as pyca does: everything but BMPString and UniversalString as UTF-8, T61String and IA5String
 * too, whatever the standards say of them.
 * @param element that `checkString` took.
 * @returns null where the bytes are no UTF-8.
 */
export function decodeString({ tag, content }: DerElement): string | null {
  if (tag === Tag.BmpString) return decodeBmp(content);
  if (tag === Tag.UniversalString) return decodeUniversal(content);
  return decodeUtf8(content);
}

/** UTF-8 without tolerance; a byte order mark stays. Null, not an exception: a megabyte has room for thousands that are none. */
export function decodeUtf8(bytes: Buffer): string | null {
  return isUtf8(bytes) ? bytes.toString('utf8') : null;
}

/** UTF-16, big-endian, surrogate pairs allowed. */
function decodeBmp(bytes: Buffer): string {
  if (bytes.length % 2 !== 0) throw new DerError('a BMPString of odd length');
  const text = Buffer.from(bytes).swap16().toString('utf16le');
  if (/\p{Surrogate}/u.test(text)) throw new DerError('a BMPString with half a surrogate pair');
  return text;
}

/** UTF-32, big-endian. */
function decodeUniversal(bytes: Buffer): string {
  if (bytes.length % 4 !== 0) throw new DerError('a UniversalString of broken length');
  const characters: string[] = [];
  for (let index = 0; index < bytes.length; index += 4) {
    const code = bytes.readUInt32BE(index);
    if (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) throw new DerError('a UniversalString beyond Unicode');
    characters.push(String.fromCodePoint(code));
  }
  return characters.join('');
}
