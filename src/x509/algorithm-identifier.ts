import { DerError } from './der/error.ts';
import { readBounded, readOptionalSmall, readSmall, readUnsigned } from './der/integer.ts';
import { readObjectIdentifier } from './der/object-identifier.ts';
import type { DerReader } from './der/reader.ts';
import { contextConstructed, Tag } from './der/tags.ts';
import { readEcParameters } from './ec-parameters.ts';
import { Oid } from './oids.ts';

export interface AlgorithmIdentifier {
  readonly oid: string;
  /** Whatever follows the OBJECT IDENTIFIER, encoded; empty where nothing does. */
  readonly parameters: Buffer;
}

/**
 * Reads an AlgorithmIdentifier (RFC 5280 §4.1.1.2) with the parameters that pyca demands of the algorithms it knows. Of others
 * it takes any one value or none, as pyca does.
 */
export function readAlgorithmIdentifier(reader: DerReader): AlgorithmIdentifier {
  return reader.enter(Tag.Sequence, (inner) => {
    const oid = readObjectIdentifier(inner);
    const parameters = inner.rest();
    (CHECKS.get(oid) ?? anyOrNone)(inner);
    return { oid, parameters };
  });
}

type Check = (reader: DerReader) => unknown;

const nullOrNone: Check = (reader) => {
  if (reader.optional(Tag.Null)?.content.length) throw new DerError('a NULL that is not empty');
};
const none: Check = () => undefined;
const anyOrNone: Check = (reader) => (reader.done ? undefined : reader.read());

const readDssParameters: Check = (reader) =>
  reader.enter(Tag.Sequence, (inner) => [readUnsigned(inner), readUnsigned(inner), readUnsigned(inner)]);

/** RFC 3279 §2.3.3. */
const readDhxParameters: Check = (reader) =>
  reader.enter(Tag.Sequence, (inner) => {
    for (let count = 0; count < 3; count++) readUnsigned(inner);
    if (inner.peek() === Tag.Integer) readUnsigned(inner);
    inner.optional(Tag.Sequence);
  });

/** PKCS #3 §9. */
const readDhParameters: Check = (reader) =>
  reader.enter(Tag.Sequence, (inner) => [readUnsigned(inner), readUnsigned(inner), readOptionalSmall(inner, 32)]);

/** RFC 4055 §3.1. pyca refuses an encoded DEFAULT here too, except in trailerField, where the RFC wants it taken. */
const readPssParameters: Check = (reader) =>
  reader.enterOptional(Tag.Sequence, (inner) => {
    inner.enterOptional(contextConstructed(0), (hash) => refuseDefault(isSha1(readAlgorithmIdentifier(hash))));
    inner.enterOptional(contextConstructed(1), (mask) => refuseDefault(readMaskGeneration(mask)));
    inner.enterOptional(contextConstructed(2), (salt) => refuseDefault(readSmall(salt, 16) === 20));
    inner.enterOptional(contextConstructed(3), (trailer) => readSmall(trailer, 8));
  });

/** Whether it is the default, MGF1 with SHA-1. */
function readMaskGeneration(reader: DerReader): boolean {
  return reader.enter(Tag.Sequence, (inner) => {
    const oid = readObjectIdentifier(inner);
    const hash = readAlgorithmIdentifier(inner);
    return oid === Oid.mgf1 && isSha1(hash);
  });
}

/** The default is SHA-1 with NULL; without parameters it is another value. */
const isSha1 = ({ oid, parameters }: AlgorithmIdentifier): boolean => oid === Oid.sha1 && parameters.length > 0;

function refuseDefault(isDefault: boolean): void {
  if (isDefault) throw new DerError('a DEFAULT is encoded');
}

/** RFC 8018 §A.4. */
const readPbes2Parameters: Check = (reader) =>
  reader.enter(Tag.Sequence, (inner) => [readAlgorithmIdentifier(inner), readAlgorithmIdentifier(inner)]);

/** RFC 8018 §A.2. */
const readPbkdf2Parameters: Check = (reader) =>
  reader.enter(Tag.Sequence, (inner) => {
    inner.expect(Tag.OctetString);
    readBounded(inner, 64);
    if (inner.peek() === Tag.Integer) readBounded(inner, 64);
    if (inner.peek() !== Tag.Sequence) return;
    const { oid, parameters } = readAlgorithmIdentifier(inner);
    refuseDefault(oid === HMAC_SHA1 && parameters.length > 0);
  });

/** RFC 7914 §7. */
const readScryptParameters: Check = (reader) =>
  reader.enter(Tag.Sequence, (inner) => {
    inner.expect(Tag.OctetString);
    for (let count = 0; count < 3; count++) readBounded(inner, 64);
    if (inner.peek() === Tag.Integer) readBounded(inner, 32);
  });

/** RFC 8018 §B.2.3. */
const readRc2Parameters: Check = (reader) =>
  reader.enter(Tag.Sequence, (inner) => {
    if (inner.peek() === Tag.Integer) readBounded(inner, 32);
    readOctets(inner, 8);
  });

/** RFC 8018 §A.3 with a salt of 8 octets, RFC 7292 §C with one of any length. */
const readPbeParameters =
  (saltLength: number | null): Check =>
  (reader) =>
    reader.enter(Tag.Sequence, (inner) => [readOctets(inner, saltLength), readBounded(inner, 64)]);

/** The initialisation vector of a block cipher. */
const readIv =
  (length: number): Check =>
  (reader) =>
    readOctets(reader, length);

function readOctets(reader: DerReader, length: number | null): void {
  const { content } = reader.expect(Tag.OctetString);
  if (length !== null && content.length !== length) throw new DerError('an OCTET STRING of the wrong length');
}

const SHA2 = '2.16.840.1.101.3.4.2';
const GNU_SHA3 = '1.3.6.1.4.1.37476.3.2.1.99.7';
const HMAC = '1.2.840.113549.2';
const HMAC_SHA1 = `${HMAC}.7`;
const PKCS5 = '1.2.840.113549.1.5';
const PKCS12_PBE = '1.2.840.113549.1.12.1';
const AES = '2.16.840.1.101.3.4.1';
const NIST_SIGNATURES = '2.16.840.1.101.3.4.3';
const PKCS1 = '1.2.840.113549.1.1';
const ECDSA_SHA2 = '1.2.840.10045.4.3';

/** The algorithms pyca 49 knows, RFC 3279, 4055, 5480, 5758, 8410, 8702, 9688, 9881 and 9935. */
const CHECKS: ReadonlyMap<string, Check> = new Map<string, Check>([
  ...[Oid.sha1, Oid.rsaEncryption, `${PKCS1}.5`, '1.3.14.3.2.29'].map((oid) => [oid, nullOrNone] as const),
  ...[1, 2, 3, 4, 7, 8, 9, 10].map((arc) => [`${SHA2}.${arc}`, nullOrNone] as const),
  ...[224, 256, 384, 512].map((arc) => [`${GNU_SHA3}.${arc}`, nullOrNone] as const),
  ...[7, 8, 9, 10, 11].map((arc) => [`${HMAC}.${arc}`, nullOrNone] as const),
  ...[11, 12, 13, 14].map((arc) => [`${PKCS1}.${arc}`, nullOrNone] as const),
  ...[13, 14, 15, 16].map((arc) => [`${NIST_SIGNATURES}.${arc}`, nullOrNone] as const),
  ...[1, 2, 3, 4].map((arc) => [`${ECDSA_SHA2}.${arc}`, none] as const),
  ...[1, 2, 3, 4, 9, 10, 11, 12, 17, 18, 19].map((arc) => [`${NIST_SIGNATURES}.${arc}`, none] as const),
  ...['2.16.840.1.101.3.4.4.2', '2.16.840.1.101.3.4.4.3'].map((oid) => [oid, none] as const),
  ...[Oid.x25519, Oid.x448, Oid.ed25519, Oid.ed448].map((oid) => [oid, none] as const),
  [Oid.ecPublicKey, readEcParameters],
  [Oid.rsassaPss, readPssParameters],
  [Oid.dsa, readDssParameters],
  [Oid.dhPublicNumber, readDhxParameters],
  [Oid.dhKeyAgreement, readDhParameters],
  [`${PKCS5}.13`, readPbes2Parameters],
  [`${PKCS5}.12`, readPbkdf2Parameters],
  [`${PKCS5}.3`, readPbeParameters(8)],
  ...[1, 3, 6].map((arc) => [`${PKCS12_PBE}.${arc}`, readPbeParameters(null)] as const),
  ['1.3.6.1.4.1.11591.4.11', readScryptParameters],
  ['1.2.840.113549.3.2', readRc2Parameters],
  ['1.2.840.113549.3.7', readIv(8)],
  ...[2, 22, 42].map((arc) => [`${AES}.${arc}`, readIv(16)] as const),
]);
