import { DerError } from '../der/error.ts';
import type { DerElement, DerReader } from '../der/reader.ts';
import { Tag } from '../der/tags.ts';

/** What OpenSSL keeps of an attribute's value: its type, and the octets that its functions then go by. */
export interface OpensslValue {
  /** Identifier octet; of a string in constructed form, that of the primitive one. */
  readonly tag: number;
  /** What stands for the value in one line: of a SEQUENCE the whole encoding, of a BIT STRING no count of unused bits. */
  readonly octets: Buffer;
  /** Content octets as OpenSSL would write them again. */
  readonly content: Buffer;
}

const CONSTRUCTED = 0x20;
/** How deep OpenSSL follows strings that are made of strings. */
const MAX_NEST = 5;

const STRINGS: readonly number[] = [
  Tag.Utf8String,
  Tag.NumericString,
  Tag.PrintableString,
  Tag.T61String,
  Tag.Ia5String,
  Tag.UniversalString,
  Tag.BmpString,
];
/** ObjectDescriptor, EXTERNAL, REAL, EMBEDDED PDV, RELATIVE-OID, 14, 15 and CHARACTER STRING: taken for strings that nobody knows. */
const UNKNOWN: readonly number[] = [0x07, 0x08, 0x09, 0x0b, 0x0d, 0x0e, 0x0f, 0x1d];
const TAKEN_AS_OCTETS: ReadonlySet<number> = new Set([...STRINGS, ...UNKNOWN]);

/** A BMPString has whole pairs of octets, a UniversalString whole fours. */
const UNITS: ReadonlyMap<number, number> = new Map([
  [Tag.BmpString, 2],
  [Tag.UniversalString, 4],
]);

/**
 * The value as OpenSSL loads it into a name; null for the types that make it refuse the name: INTEGER, ENUMERATED, BOOLEAN, OCTET STRING,
 * VisibleString, the times and others, and everything outside of the universal class.
 * @throws DerError where a type it takes is malformed.
 */
export function readOpensslValue(element: DerElement, reader: DerReader): OpensslValue | null {
  const { tag, encoded } = element;
  if (tag === Tag.Sequence) return { tag, octets: encoded, content: element.content };
  const type = tag & ~CONSTRUCTED;
  const isBitString = type === Tag.BitString;
  if (tag >= 0x40 || !(isBitString || TAKEN_AS_OCTETS.has(type))) return null;
  const octets = tag === type ? element.content : Buffer.concat(collect(element, reader, 0));
  if (isBitString) return readBits(octets);
  if (octets.length % (UNITS.get(type) ?? 1) !== 0) throw new DerError('a string of broken length');
  return { tag: type, octets, content: octets };
}

/** A constructed string is its parts in a row, whatever their types. */
function collect(element: DerElement, reader: DerReader, depth: number): Buffer[] {
  if (depth > MAX_NEST) throw new DerError('a string within too many strings');
  const parts: Buffer[] = [];
  const inner = reader.inside(element);
  while (!inner.done) {
    const part = inner.read();
    if ((part.tag & CONSTRUCTED) === 0) parts.push(part.content);
    else parts.push(...collect(part, inner, depth + 1));
  }
  return parts;
}

/** OpenSSL clears the unused bits, which DER wants to be clear. */
function readBits(content: Buffer): OpensslValue {
  const unused = content[0] ?? 8;
  if (unused > 7) throw new DerError('a BIT STRING with a wrong count of unused bits');
  const octets = Buffer.from(content.subarray(1));
  if (octets.length === 0) return { tag: Tag.BitString, octets, content: Buffer.alloc(1) };
  octets.writeUInt8(octets.readUInt8(octets.length - 1) & (0xff << unused) & 0xff, octets.length - 1);
  return { tag: Tag.BitString, octets, content: Buffer.concat([Buffer.from([unused]), octets]) };
}
