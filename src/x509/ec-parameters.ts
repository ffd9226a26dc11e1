import { createHash } from 'node:crypto';
import { type Curve, curveByExplicitDigest, curveByOid } from './curves.ts';
import { decodeBitString } from './der/bit-string.ts';
import { DerError } from './der/error.ts';
import { readOptionalSmall, readSmall, readUnsigned } from './der/integer.ts';
import { readObjectIdentifier } from './der/object-identifier.ts';
import { type DerReader, parseDer } from './der/reader.ts';
import { Tag } from './der/tags.ts';
import { Oid } from './oids.ts';

/**
 * Reads ECParameters (RFC 5480 §2.1.1) to see that they are well formed; what curve they mean is `findCurve`'s question.
 * @returns the dotted name of a named curve, otherwise null.
 */
export function readEcParameters(reader: DerReader): string | null {
  switch (reader.peek()) {
    case Tag.ObjectIdentifier:
      return readObjectIdentifier(reader);
    case Tag.Null:
      if (reader.read().content.length > 0) throw new DerError('a NULL that is not empty');
      return null;
    default:
      reader.enter(Tag.Sequence, checkSpecifiedDomain);
      return null;
  }
}

/**
 * The curve that encoded, well-formed ECParameters mean, or null. As with pyca, explicit parameters count only where they are
 * exactly those of P-256, P-384 or P-521, with or without the seed.
 */
export function findCurve(encoded: Buffer): Curve | null {
  const oid = parseDer(encoded, readEcParameters);
  return oid === null ? curveByExplicitDigest(createHash('sha256').update(encoded).digest('hex')) : curveByOid(oid);
}

/** RFC 3279 §2.3.5. */
function checkSpecifiedDomain(reader: DerReader): void {
  readSmall(reader, 8);
  reader.enter(Tag.Sequence, checkField);
  reader.enter(Tag.Sequence, checkCoefficients);
  reader.expect(Tag.OctetString);
  readUnsigned(reader);
  readOptionalSmall(reader, 8);
}

function checkField(reader: DerReader): void {
  const type = readObjectIdentifier(reader);
  if (type === Oid.primeField) readUnsigned(reader);
  else if (type === Oid.characteristicTwoField) reader.expect(Tag.Sequence);
  else throw new DerError('a field of unknown type');
}

function checkCoefficients(reader: DerReader): void {
  reader.expect(Tag.OctetString);
  reader.expect(Tag.OctetString);
  const seed = reader.optional(Tag.BitString);
  if (seed !== null) decodeBitString(seed.content);
}
