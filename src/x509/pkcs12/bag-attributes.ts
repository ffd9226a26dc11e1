import { DerError, DerLimitError } from '../der/error.ts';
import { readObjectIdentifier } from '../der/object-identifier.ts';
import type { DerElement, DerReader } from '../der/reader.ts';
import { Tag } from '../der/tags.ts';
import { checkString, decodeString } from '../name-strings.ts';
import { Pkcs12Oid } from './oids.ts';

/** What is known of a bag beside its content (RFC 7292 §4.2). */
export interface BagAttributes {
  readonly friendlyName: string | null;
  /** Lower-case hex. A key and its certificate have the same. */
  readonly localKeyId: string | null;
}

/** Reads bagAttributes, which may be missing. Unknown attributes are skipped; of several of one type the first counts. */
export function readBagAttributes(reader: DerReader): BagAttributes {
  const values = reader.enterOptional(Tag.Set, readFirstValues);
  return {
    friendlyName: decodeName(values?.get(Pkcs12Oid.friendlyName)),
    localKeyId: decodeId(values?.get(Pkcs12Oid.localKeyId)),
  };
}

/** SET OF PKCS12Attribute: the first value of each by type. */
function readFirstValues(reader: DerReader): Map<string, DerElement> {
  const values = new Map<string, DerElement>();
  while (!reader.done) {
    reader.enter(Tag.Sequence, (attribute) => {
      const type = readObjectIdentifier(attribute);
      const set = attribute.inside(attribute.expect(Tag.Set));
      if (!set.done && !values.has(type)) values.set(type, set.read());
    });
  }
  return values;
}

/** Null where it can't be decoded: a name is a convenience, and no reason to lose a key. */
function decodeName(value: DerElement | undefined): string | null {
  if (value?.tag !== Tag.BmpString) return null;
  try {
    checkString(value);
    return decodeString(value);
  } catch (error) {
    if (error instanceof DerError && !(error instanceof DerLimitError)) return null;
    throw error;
  }
}

function decodeId(value: DerElement | undefined): string | null {
  return value?.tag === Tag.OctetString ? value.content.toString('hex') : null;
}
