import { Tag } from './der/tags.ts';
import { Oid } from './oids.ts';
import type { OpensslValue } from './openssl-name/name-value.ts';
import { type OpensslName, readOpensslName } from './openssl-name/openssl-name.ts';
import { textOf } from './openssl-name/value-text.ts';

/**
 * The common name (X.520 §6.2.2) of a Name: of several the last in the order of the encoding, which is the most specific. Strings are read
 * as OpenSSL reads them, a T61String as ISO 8859-1; but surrogate pairs of a BMPString, for which it refuses the name, are characters.
 * @param nameDer the DER of a Name (RFC 5280 §4.1.2.4), for example `subjectDer` of a certificate's facts.
 * @returns null where there is none that is text
 * @throws NotAName, BeyondLimits
 * @example
 * const { facts } = loadCertificate(certificatePem);
 * readCommonName(facts.subjectDer); // → 'example.com'
 */
export function readCommonName(nameDer: Buffer): string | null {
  return commonNameIn(readOpensslName(nameDer));
}

/** As `readCommonName`, of a name that was read. */
export function commonNameIn(name: OpensslName): string | null {
  const texts = name.flat().map(({ oid, value }) => (oid === Oid.commonName && value !== null ? read(value) : null));
  return texts.findLast((text) => text !== null) ?? null;
}

function read(value: OpensslValue): string | null {
  return value.tag === Tag.BmpString ? decodeUtf16(value.octets) : textOf(value);
}

/** Big-endian, of even length; null for half a surrogate pair. */
function decodeUtf16(octets: Buffer): string | null {
  const text = Buffer.from(octets).swap16().toString('utf16le');
  return /\p{Surrogate}/u.test(text) ? null : text;
}
