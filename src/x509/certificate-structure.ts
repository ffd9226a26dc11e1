import { type AlgorithmIdentifier, readAlgorithmIdentifier } from './algorithm-identifier.ts';
import { decodeBitString } from './der/bit-string.ts';
import { DerError } from './der/error.ts';
import { readInteger, readSmall } from './der/integer.ts';
import { type Budget, type DerReader, parseDer } from './der/reader.ts';
import { contextConstructed, contextPrimitive, Tag } from './der/tags.ts';
import { readTime } from './der/time.ts';
import { type Extension, readExtensions } from './extensions.ts';
import { type DistinguishedName, readName } from './name.ts';

export interface SubjectPublicKeyInfo {
  readonly algorithm: AlgorithmIdentifier;
  /** The octets of the BIT STRING. */
  readonly key: Buffer;
  readonly encoded: Buffer;
}

/** What an encoded certificate (RFC 5280 §4.1) is made of, read but not interpreted. */
export interface CertificateStructure {
  /** Content octets of the INTEGER: two's complement. */
  readonly serialNumber: Buffer;
  readonly issuer: DistinguishedName;
  readonly notBefore: Date;
  readonly notAfter: Date;
  readonly subject: DistinguishedName;
  readonly publicKey: SubjectPublicKeyInfo;
  readonly extensions: readonly Extension[];
  /** The outer one. pyca doesn't compare it with that inside TBSCertificate when it loads. */
  readonly signatureAlgorithm: AlgorithmIdentifier;
  readonly encoded: Buffer;
}

/**
 * Takes a DER certificate apart, as strict as pyca: version 1 or 3, no encoded DEFAULT, nothing left over anywhere. Serial numbers
 * may be zero, negative or huge; extensions are not looked into.
 * @param der the whole certificate.
 * @param budget of more than this one, where many are read.
 * @throws DerError
 */
export function readCertificate(der: Buffer, budget?: Budget): CertificateStructure {
  const read = (reader: DerReader) =>
    reader.enter(Tag.Sequence, (certificate) => {
      const tbs = certificate.enter(Tag.Sequence, readTbsCertificate);
      const signatureAlgorithm = readAlgorithmIdentifier(certificate);
      decodeBitString(certificate.expect(Tag.BitString).content);
      return { ...tbs, signatureAlgorithm, encoded: der };
    });
  return parseDer(der, read, budget);
}

function readTbsCertificate(reader: DerReader): Omit<CertificateStructure, 'signatureAlgorithm' | 'encoded'> {
  const version = reader.enterOptional(contextConstructed(0), (inner) => readSmall(inner, 8));
  // 2 means version 3. pyca knows neither version 2 nor an encoded version 1, which is the DEFAULT.
  if (version !== null && version !== 2) throw new DerError('a certificate of unknown version');
  const serialNumber = readInteger(reader);
  readAlgorithmIdentifier(reader);
  const issuer = readName(reader);
  const { notBefore, notAfter } = reader.enter(Tag.Sequence, readValidity);
  const subject = readName(reader);
  const publicKey = readPublicKeyInfo(reader);
  for (const uniqueIdentifier of [1, 2]) {
    const element = reader.optional(contextPrimitive(uniqueIdentifier));
    if (element !== null) decodeBitString(element.content);
  }
  const extensions = reader.enterOptional(contextConstructed(3), readExtensions) ?? [];
  return { serialNumber, issuer, notBefore, notAfter, subject, publicKey, extensions };
}

/** No calendar has the year 0, and what keeps dates (Python's datetime, SQL) refuses it. */
const FIRST_INSTANT = new Date('0001-01-01T00:00:00Z');

/**
 * Validity (RFC 5280 §4.1.2.5). Certificates without a beginning say the year 0, which pyca takes as long as nobody asks for it: it
 * is read as the first instant there is. authentik does ask for notAfter, and fails.
 */
function readValidity(reader: DerReader): { notBefore: Date; notAfter: Date } {
  const [notBefore, notAfter] = [readTime(reader), readTime(reader)];
  if (notAfter < FIRST_INSTANT) throw new DerError('notAfter is in the year 0');
  return { notBefore: notBefore < FIRST_INSTANT ? FIRST_INSTANT : notBefore, notAfter };
}

/** SubjectPublicKeyInfo (RFC 5280 §4.1.2.7). */
export function readPublicKeyInfo(reader: DerReader): SubjectPublicKeyInfo {
  const element = reader.expect(Tag.Sequence);
  const inner = reader.inside(element);
  const algorithm = readAlgorithmIdentifier(inner);
  const key = decodeBitString(inner.expect(Tag.BitString).content);
  inner.finish();
  return { algorithm, key, encoded: element.encoded };
}
