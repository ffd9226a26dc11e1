import { DerError } from './der/error.ts';
import { readObjectIdentifier } from './der/object-identifier.ts';
import type { DerElement, DerReader } from './der/reader.ts';
import { Tag } from './der/tags.ts';
import { checkString } from './name-strings.ts';

/** AttributeTypeAndValue (RFC 5280 §4.1.2.4): its value is kept as found, since what it means depends on who asks. */
export interface NameAttribute {
  readonly oid: string;
  readonly value: DerElement;
}

export interface DistinguishedName {
  /** In the order of the encoding, not of RFC 4514. */
  readonly rdns: ReadonlyArray<readonly NameAttribute[]>;
  readonly encoded: Buffer;
}

/**
 * Reads a Name (RFC 5280 §4.1.2.4). Checked as early as pyca checks: the order inside a SET (X.690 §11.6), and the characters
 * of PrintableString, BMPString and UniversalString.
 */
export function readName(reader: DerReader): DistinguishedName {
  const element = reader.expect(Tag.Sequence);
  const inner = reader.inside(element);
  const rdns: NameAttribute[][] = [];
  while (!inner.done) rdns.push(inner.enter(Tag.Set, readRdn));
  return { rdns, encoded: element.encoded };
}

function readRdn(reader: DerReader): NameAttribute[] {
  const attributes: NameAttribute[] = [];
  let previous: Buffer | null = null;
  while (!reader.done) {
    const element = reader.expect(Tag.Sequence);
    if (previous !== null && Buffer.compare(element.encoded, previous) < 0)
      throw new DerError('a SET OF is not in order');
    previous = element.encoded;
    const inner = reader.inside(element);
    attributes.push(readAttribute(inner));
    inner.finish();
  }
  return attributes;
}

function readAttribute(reader: DerReader): NameAttribute {
  const oid = readObjectIdentifier(reader);
  const value = reader.read();
  checkString(value);
  return { oid, value };
}
