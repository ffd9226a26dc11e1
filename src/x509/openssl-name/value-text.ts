import { Tag } from '../der/tags.ts';
import { decodeUtf8 } from '../name-strings.ts';
import type { OpensslValue } from './name-value.ts';

type ToText = (octets: Buffer) => string | null;

const latin1: ToText = (octets) => octets.toString('latin1');

const TEXTS: ReadonlyMap<number, ToText> = new Map<number, ToText>([
  [Tag.Utf8String, decodeUtf8],
  [Tag.NumericString, latin1],
  [Tag.PrintableString, latin1],
  [Tag.T61String, latin1],
  [Tag.Ia5String, latin1],
  [Tag.BmpString, (octets) => fromCodePoints(codePoints(octets, 2))],
  [Tag.UniversalString, (octets) => fromCodePoints(codePoints(octets, 4))],
]);

/**
 * The characters of a value as OpenSSL reads them: T61String, IA5String and the like as ISO 8859-1, whatever the standards say of them.
 * @returns null for what is no string, and where the characters are not Unicode's
 */
export function textOf({ tag, octets }: OpensslValue): string | null {
  return TEXTS.get(tag)?.(octets) ?? null;
}

function codePoints(octets: Buffer, width: 2 | 4): number[] {
  return Array.from({ length: octets.length / width }, (_, index) => octets.readUIntBE(index * width, width));
}

/** Null where one is no Unicode scalar value: OpenSSL takes a surrogate pair of a BMPString for two of such. */
function fromCodePoints(codes: readonly number[]): string | null {
  const areSound = codes.every((code) => code <= 0x10ffff && (code < 0xd800 || code > 0xdfff));
  return areSound ? codes.map((code) => String.fromCodePoint(code)).join('') : null;
}
