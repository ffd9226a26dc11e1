import { createHash } from 'node:crypto';
import { Tag } from '../der/tags.ts';
import { type DerValue, encodeDer, sequence, setOf, universalPrimitive } from '../der/writer.ts';
import { decodeUtf8 } from '../name-strings.ts';
import type { OpensslValue } from './name-value.ts';
import { type OpensslAttribute, readOpensslName } from './openssl-name.ts';

/**
 * The hash by which OpenSSL finds a certificate's issuer in a directory (`subject_hash` and `issuer_hash` of `openssl x509`,
 * X509_NAME_hash): of the name's canonical form, in which letter case and blanks of ASCII and the string's type don't matter.
 * @param nameDer the DER of a Name (RFC 5280 §4.1.2.4), for example `subjectDer` of a certificate's facts.
 * @returns eight lower-case hex digits; null where OpenSSL itself refuses the name, because of a value that is no string it knows, or
 * one whose characters are not Unicode's.
 * @throws NotAName, BeyondLimits
 * @example
 * const { facts } = loadCertificate(certificatePem);
 * hashName(facts.subjectDer) === hashName(facts.issuerDer); // → true
 */
export function hashName(nameDer: Buffer): string | null {
  const hash = createHash('sha1');
  for (const rdn of readOpensslName(nameDer)) {
    // OpenSSL keeps attributes, so that an RDN without any leaves no trace.
    if (rdn.length === 0) continue;
    const attributes = rdn.map(canonicalAttribute);
    if (!attributes.every((attribute) => attribute !== null)) return null;
    hash.update(encodeDer(setOf(attributes)));
  }
  return hash.digest().readUInt32LE(0).toString(16).padStart(8, '0');
}

function canonicalAttribute({ type, value }: OpensslAttribute): DerValue | null {
  const canonical = value === null ? null : canonicalValue(value);
  return canonical === null ? null : sequence(universalPrimitive(Tag.ObjectIdentifier, type), canonical);
}

type ToText = (octets: Buffer) => string | null;

const latin1: ToText = (octets) => octets.toString('latin1');

/** How the canonical form reads each type. The types that are not here keep their octets: NumericString, BIT STRING, SEQUENCE … */
const TEXTS: ReadonlyMap<number, ToText> = new Map<number, ToText>([
  [Tag.Utf8String, decodeUtf8],
  [Tag.PrintableString, latin1],
  [Tag.T61String, latin1],
  [Tag.Ia5String, latin1],
  [Tag.BmpString, (octets) => fromCodePoints(codePoints(octets, 2))],
  [Tag.UniversalString, (octets) => fromCodePoints(codePoints(octets, 4))],
]);

function canonicalValue({ tag, octets, content }: OpensslValue): DerValue | null {
  const toText = TEXTS.get(tag);
  if (toText === undefined) return universalPrimitive(tag, content);
  const text = toText(octets);
  return text === null ? null : universalPrimitive(Tag.Utf8String, Buffer.from(canonicalText(text), 'utf8'));
}

/** Letter case and blanks beyond ASCII stay. The blanks are those of C's isspace. */
function canonicalText(text: string): string {
  const words = text.split(/[\t-\r ]+/);
  // At both ends, what stands beside a blank is an empty word.
  return words
    .filter((word) => word !== '')
    .join(' ')
    .replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

function codePoints(octets: Buffer, width: 2 | 4): number[] {
  return Array.from({ length: octets.length / width }, (_, index) => octets.readUIntBE(index * width, width));
}

/** Null where one is no Unicode scalar value: OpenSSL takes a surrogate pair of a BMPString for two of such. */
function fromCodePoints(codes: readonly number[]): string | null {
  const areSound = codes.every((code) => code <= 0x10ffff && (code < 0xd800 || code > 0xdfff));
  return areSound ? codes.map((code) => String.fromCodePoint(code)).join('') : null;
}
