import { type AlgorithmIdentifier, readAlgorithmIdentifier } from '../algorithm-identifier.ts';
import { readPublicKeyInfo, type SubjectPublicKeyInfo } from '../certificate-structure.ts';
import { decodeBitString } from '../der/bit-string.ts';
import { DerError } from '../der/error.ts';
import { readSmall } from '../der/integer.ts';
import { readObjectIdentifier } from '../der/object-identifier.ts';
import { type DerReader, parseDer } from '../der/reader.ts';
import { contextConstructed, Tag } from '../der/tags.ts';
import { type DistinguishedName, readName } from '../name.ts';

/** One attribute (RFC 2986 §4.1); its values are not looked into. */
export interface RequestAttribute {
  readonly oid: string;
  /** Encoded, in order. */
  readonly values: readonly Buffer[];
}

/** What a CertificationRequest (RFC 2986 §4) is made of, read but not interpreted. */
export interface RequestStructure {
  /** CertificationRequestInfo as it stands, which is what is signed. */
  readonly info: Buffer;
  readonly subject: DistinguishedName;
  readonly publicKey: SubjectPublicKeyInfo;
  readonly attributes: readonly RequestAttribute[];
  readonly signatureAlgorithm: AlgorithmIdentifier;
  readonly signature: Buffer;
}

/**
 * Takes a DER CertificationRequest apart: version 1, nothing left over. The attributes may be missing, as some old clients have it, and
 * in any order.
 * @throws DerError
 */
export function readRequestStructure(der: Buffer): RequestStructure {
  return parseDer(der, (reader) =>
    reader.enter(Tag.Sequence, (request) => {
      const element = request.expect(Tag.Sequence);
      const inner = request.inside(element);
      const parts = readInfo(inner);
      inner.finish();
      const signatureAlgorithm = readAlgorithmIdentifier(request);
      return { info: element.encoded, ...parts, signatureAlgorithm, signature: readSignature(request) };
    }),
  );
}

/** OpenSSL verifies no signature that is not whole octets. */
function readSignature(reader: DerReader): Buffer {
  const { content } = reader.expect(Tag.BitString);
  const octets = decodeBitString(content);
  if (content[0] !== 0) throw new DerError('a signature that is not whole octets');
  return octets;
}

function readInfo(reader: DerReader): Pick<RequestStructure, 'subject' | 'publicKey' | 'attributes'> {
  // 0 means version 1, the only one there is.
  if (readSmall(reader, 8) !== 0) throw new DerError('a request of unknown version');
  const subject = readName(reader);
  const publicKey = readPublicKeyInfo(reader);
  const attributes = reader.enterOptional(contextConstructed(0), (inner) => readAll(inner, readAttribute)) ?? [];
  return { subject, publicKey, attributes };
}

function readAttribute(reader: DerReader): RequestAttribute {
  return reader.enter(Tag.Sequence, (inner) => {
    const oid = readObjectIdentifier(inner);
    const values = inner.enter(Tag.Set, (set) => readAll(set, (member) => member.read().encoded));
    return { oid, values };
  });
}

function readAll<T>(reader: DerReader, read: (reader: DerReader) => T): T[] {
  const members: T[] = [];
  while (!reader.done) members.push(read(reader));
  return members;
}
