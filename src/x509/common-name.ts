import { DerError, DerLimitError } from './der/error.ts';
import { parseDer } from './der/reader.ts';
import { BeyondLimits, NotAName } from './errors.ts';
import { readName } from './name.ts';
import { decodeString } from './name-strings.ts';
import { Oid } from './oids.ts';

/**
 * The common name (X.520 §6.2.2) of a Name: of several the last in the order of the encoding, which is the most specific.
 * @param nameDer the DER of a Name (RFC 5280 §4.1.2.4), for example `subjectDer` of a certificate's facts.
 * @returns null where there is none, or none that is text
 * @throws NotAName, BeyondLimits
 * @example
 * const { facts } = loadCertificate(certificatePem);
 * readCommonName(facts.subjectDer); // → 'example.com'
 */
export function readCommonName(nameDer: Buffer): string | null {
  try {
    const attribute = parseDer(nameDer, readName)
      .rdns.flat()
      .findLast(({ oid }) => oid === Oid.commonName);
    return attribute === undefined ? null : decodeString(attribute.value);
  } catch (error) {
    if (error instanceof DerLimitError) throw new BeyondLimits(error.limit, error);
    if (error instanceof DerError) throw new NotAName(error.message, error);
    throw error;
  }
}
