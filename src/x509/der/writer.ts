import asn1 from 'node-forge/lib/asn1.js';
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

/** A SET with one member. With more, DER would want them in order. */
export function setOfOne(member: DerValue): DerValue {
  return asn1.create(asn1.Class.UNIVERSAL, asn1.Type.SET, true, [member]);
}

/** SET OF members in any order; DER's is made (X.690 §11.6). */
export function setOf(...members: DerValue[]): DerValue {
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

/** A value that is encoded already: exactly one element whose tag is a SEQUENCE. */
export function encodedSequence(der: Buffer): DerValue {
  if (der.readUInt8(0) !== Tag.Sequence) throw new TypeError('not an encoded SEQUENCE');
  return asn1.fromDer(der.toString('latin1'), FROM_DER);
}

/** forge would otherwise take the octets of a BIT STRING for more ASN.1 where they look like it. */
const FROM_DER = { strict: true, parseAllBytes: true, decodeBitStrings: false };

function primitive(type: number, octets: Buffer): DerValue {
  return asn1.create(asn1.Class.UNIVERSAL, type, false, octets.toString('latin1'));
}
