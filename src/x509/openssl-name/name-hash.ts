import { createHash } from 'node:crypto';
import { Tag } from '../der/tags.ts';
import { type DerValue, encodeDer, sequence, setOf, universalPrimitive } from '../der/writer.ts';
import type { OpensslValue } from './name-value.ts';
import { type OpensslAttribute, type OpensslName, readOpensslName } from './openssl-name.ts';
import { textOf } from './value-text.ts';

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
  return hashRead(readOpensslName(nameDer));
}

/** As `hashName`, of a name that was read. */
export function hashRead(name: OpensslName): string | null {
  const hash = createHash('sha1');
  for (const rdn of name) {
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

/** The strings whose type the canonical form makes nothing of. Of every other type it keeps the octets: NumericString, BIT STRING … */
const CANONICAL: ReadonlySet<number> = new Set([
  Tag.Utf8String,
  Tag.PrintableString,
  Tag.T61String,
  Tag.Ia5String,
  Tag.BmpString,
  Tag.UniversalString,
]);

function canonicalValue(value: OpensslValue): DerValue | null {
  if (!CANONICAL.has(value.tag)) return universalPrimitive(value.tag, value.content);
  const text = textOf(value);
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
