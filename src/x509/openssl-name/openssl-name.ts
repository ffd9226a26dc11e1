import { DerError, DerLimitError } from '../der/error.ts';
import { decodeObjectIdentifier } from '../der/object-identifier.ts';
import { type DerReader, parseDer } from '../der/reader.ts';
import { Tag } from '../der/tags.ts';
import { BeyondLimits, NotAName } from '../errors.ts';
import { type OpensslValue, readOpensslValue } from './name-value.ts';

/** One attribute of a name as OpenSSL holds it. */
export interface OpensslAttribute {
  /** Dotted. */
  readonly oid: string;
  /** Content octets of the OBJECT IDENTIFIER. */
  readonly type: Buffer;
  /** Null where OpenSSL takes no value of this type. */
  readonly value: OpensslValue | null;
}

/** RDNs in the order of the encoding. */
export type OpensslName = ReadonlyArray<readonly OpensslAttribute[]>;

/**
 * Reads the DER of a Name (RFC 5280 §4.1.2.4) as OpenSSL would: without a look at the order inside a SET, nor at the characters.
 * @throws NotAName, BeyondLimits
 */
export function readOpensslName(nameDer: Buffer): OpensslName {
  try {
    return parseDer(nameDer, (reader) => reader.enter(Tag.Sequence, (rdns) => readAll(rdns, readRdn)));
  } catch (error) {
    if (error instanceof DerLimitError) throw new BeyondLimits(error.limit, error);
    if (error instanceof DerError) throw new NotAName(error.message, error);
    throw error;
  }
}

function readRdn(reader: DerReader): OpensslAttribute[] {
  return reader.enter(Tag.Set, (attributes) => readAll(attributes, readAttribute));
}

function readAttribute(reader: DerReader): OpensslAttribute {
  return reader.enter(Tag.Sequence, (inner) => {
    const type = inner.expect(Tag.ObjectIdentifier).content;
    return { oid: decodeObjectIdentifier(type), type, value: readValue(inner) };
  });
}

/** A broken value doesn't make it less of a name, since pyca doesn't look into values that are no strings. */
function readValue(reader: DerReader): OpensslValue | null {
  const element = reader.read();
  try {
    return readOpensslValue(element, reader);
  } catch (error) {
    if (error instanceof DerError && !(error instanceof DerLimitError)) return null;
    throw error;
  }
}

function readAll<T>(reader: DerReader, read: (reader: DerReader) => T): T[] {
  const members: T[] = [];
  while (!reader.done) members.push(read(reader));
  return members;
}
