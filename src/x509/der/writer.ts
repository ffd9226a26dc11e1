import asn1 from 'node-forge/lib/asn1.js';
import { parseDer } from './reader.ts';
import { Tag } from './tags.ts';

/** A value to encode. node-forge holds octets as "binary strings", one character an octet. */
export type DerValue = ReturnType<typeof asn1.create>;

/** Encodes a value in DER. */
export function encodeDer(value: DerValue): Buffer {
  return Buffer.from(asn1.toDer(value).getBytes(), 'latin1');
}

/** SEQUENCE of members in the given order (X.690 §8.9). */
export function sequence(...members: DerValue[]): DerValue {
  return asn1.create(asn1.Class.UNIVERSAL, asn1.Type.SEQUENCE, true, members);
}

/** A non-negative INTEGER from its magnitude, big-endian, with or without leading zeros. */
export function unsignedInteger(magnitude: Uint8Array): DerValue {
  let start = 0;
  while (start < magnitude.length && magnitude[start] === 0) start++;
  const minimal = Buffer.from(magnitude.subarray(start));
  const signed =
    minimal.length === 0 || minimal.readUInt8(0) >= 0x80 ? Buffer.concat([Buffer.alloc(1), minimal]) : minimal;
  return primitive(asn1.Type.INTEGER, signed);
}

/** An INTEGER from 0 to 127. */
export function smallInteger(value: number): DerValue {
  return primitive(asn1.Type.INTEGER, Buffer.from([value]));
}

/** OCTET STRING (X.690 §8.7). */
export function octetString(octets: Buffer): DerValue {
  return primitive(asn1.Type.OCTETSTRING, octets);
}

/** A BIT STRING of whole octets. */
export function bitString(octets: Buffer): DerValue {
  return primitive(asn1.Type.BITSTRING, Buffer.concat([Buffer.alloc(1), octets]));
}

/** OBJECT IDENTIFIER (X.690 §8.19) of its dotted form. */
export function objectIdentifier(dotted: string): DerValue {
  return asn1.create(asn1.Class.UNIVERSAL, asn1.Type.OID, false, asn1.oidToDer(dotted).getBytes());
}

/** NULL (X.690 §8.8). */
export function nullValue(): DerValue {
  return asn1.create(asn1.Class.UNIVERSAL, asn1.Type.NULL, false, '');
}

/** UTF8String (X.690 §8.23). */
export function utf8String(text: string): DerValue {
  return primitive(asn1.Type.UTF8, Buffer.from(text, 'utf8'));
}

/** BMPString (X.690 §8.23) as UTF-16. Beyond the Basic Multilingual Plane that is surrogate pairs, which not every reader knows. */
export function bmpString(text: string): DerValue {
  // Of this type alone node-forge takes the text itself, and makes two octets of each of its units.
  return asn1.create(asn1.Class.UNIVERSAL, asn1.Type.BMPSTRING, false, text);
}

/** The DEFAULT of every BOOLEAN in a certificate is false, so only true is ever written. */
export function booleanTrue(): DerValue {
  return primitive(asn1.Type.BOOLEAN, Buffer.from([0xff]));
}

/** RFC 5280 §4.1.2.5: UTCTime through 2049, GeneralizedTime from 2050 and before 1950. Fractions of a second are cut off. */
export function time(date: Date): DerValue {
  const year = date.getUTCFullYear();
  const digits = date.toISOString().replace(/[-:T]|\.\d+/g, '');
  const isUtcTime = year >= 1950 && year < 2050;
  return primitive(
    isUtcTime ? asn1.Type.UTCTIME : asn1.Type.GENERALIZEDTIME,
    Buffer.from(digits.slice(isUtcTime ? 2 : 0)),
  );
}

/** A primitive value under an IMPLICIT context-specific tag. */
export function contextPrimitiveValue(number: number, octets: Buffer): DerValue {
  return asn1.create(asn1.Class.CONTEXT_SPECIFIC, number, false, octets.toString('latin1'));
}

/** A value under an EXPLICIT context-specific tag. */
export function contextExplicit(number: number, value: DerValue): DerValue {
  return asn1.create(asn1.Class.CONTEXT_SPECIFIC, number, true, [value]);
}

/**
 * A SEQUENCE that is encoded already, kept byte for byte: what forge takes apart is put together again with its own idea of an INTEGER.
 * @throws DerError where the bytes are not exactly one SEQUENCE, or too many
 */
export function copiedSequence(der: Buffer): DerValue {
  const { content } = parseDer(der, (reader) => reader.expect(Tag.Sequence));
  // As a primitive value under the identifier octet of a SEQUENCE, because forge writes those as they stand.
  return primitive(Tag.Sequence, content);
}

/** SET OF (X.690 §11.6): the members in ascending order of their encodings. */
export function setOf(members: readonly DerValue[]): DerValue {
  const ordered = members
    .map((member) => ({ member, encoded: encodeDer(member) }))
    .sort((one, other) => Buffer.compare(one.encoded, other.encoded));
  return asn1.create(
    asn1.Class.UNIVERSAL,
    asn1.Type.SET,
    true,
    ordered.map(({ member }) => member),
  );
}

/**
 * A primitive value of a universal type from its content octets.
 * @param tag of a type that forge writes as it stands: not INTEGER, not BMPString
 */
export function universalPrimitive(tag: number, octets: Buffer): DerValue {
  return primitive(tag, octets);
}

/** A BIT STRING of named bits (X.690 §11.2.2): without trailing zero bits. */
export function namedBits(bits: Iterable<number>): DerValue {
  const set = [...new Set(bits)];
  const highest = Math.max(-1, ...set);
  const octets = Buffer.alloc(1 + Math.ceil((highest + 1) / 8));
  for (const bit of set) octets[1 + (bit >> 3)] = (octets[1 + (bit >> 3)] ?? 0) | (0x80 >> (bit & 7));
  octets[0] = (8 - ((highest + 1) % 8)) % 8;
  return primitive(asn1.Type.BITSTRING, octets);
}

/** Members under an IMPLICIT context-specific tag in place of a SEQUENCE's or a SET's. */
export function contextConstructedValue(number: number, members: DerValue[]): DerValue {
  return asn1.create(asn1.Class.CONTEXT_SPECIFIC, number, true, members);
}

function primitive(type: number, octets: Buffer): DerValue {
  return asn1.create(asn1.Class.UNIVERSAL, type, false, octets.toString('latin1'));
}
