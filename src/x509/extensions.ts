import { DerError, DerLimitError } from './der/error.ts';
import { readSmall } from './der/integer.ts';
import { readObjectIdentifier } from './der/object-identifier.ts';
import { type DerReader, parseDer } from './der/reader.ts';
import { contextPrimitive, Tag } from './der/tags.ts';
import { Oid } from './oids.ts';

/** One extension (RFC 5280 §4.1.2.9). */
export interface Extension {
  readonly oid: string;
  readonly critical: boolean;
  /** What the OCTET STRING holds: the DER of the extension's own type. */
  readonly value: Buffer;
}

/** Reads Extensions. Their values are not looked into: pyca does that later, and authentik never. */
export function readExtensions(reader: DerReader): Extension[] {
  return reader.enter(Tag.Sequence, (inner) => {
    const extensions: Extension[] = [];
    while (!inner.done) extensions.push(inner.enter(Tag.Sequence, readExtension));
    return extensions;
  });
}

/** RFC 5280 §4.2.1.9. `pathLength` is null where there is no limit. Without a readable extension, no CA. */
export function readBasicConstraints(extensions: readonly Extension[]): { isCa: boolean; pathLength: number | null } {
  const constraints = interpret(extensions, Oid.basicConstraints, (reader) =>
    reader.enter(Tag.Sequence, (inner) => {
      const isCa = inner.optional(Tag.Boolean)?.content.equals(TRUE) ?? false;
      const pathLength = inner.peek() === Tag.Integer ? readSmall(inner, 32) : null;
      return { isCa, pathLength };
    }),
  );
  return constraints ?? { isCa: false, pathLength: null };
}

/** RFC 5280 §4.2.1.2: lower-case hex, or null. */
export function readSubjectKeyId(extensions: readonly Extension[]): string | null {
  return interpret(extensions, Oid.subjectKeyIdentifier, (reader) => toHex(reader.expect(Tag.OctetString).content));
}

/** RFC 5280 §4.2.1.1: the keyIdentifier in lower-case hex, or null where the extension names its key otherwise or not at all. */
export function readAuthorityKeyId(extensions: readonly Extension[]): string | null {
  return interpret(extensions, Oid.authorityKeyIdentifier, (reader) => {
    const sequence = reader.inside(reader.expect(Tag.Sequence));
    const identifier = sequence.optional(contextPrimitive(0));
    return identifier === null ? null : toHex(identifier.content);
  });
}

/**
 * Reads the value of the first extension of this type by `parse`. Null where there is none or where it is malformed: a broken
 * extension doesn't make the certificate unloadable, so its facts are just not known.
 * @throws DerLimitError where it may be sound, since facts that are left out would be silently wrong
 */
export function interpret<T>(extensions: readonly Extension[], oid: string, parse: (reader: DerReader) => T): T | null {
  const extension = extensions.find((candidate) => candidate.oid === oid);
  if (extension === undefined) return null;
  try {
    return parseDer(extension.value, parse);
  } catch (error) {
    if (error instanceof DerError && !(error instanceof DerLimitError)) return null;
    throw error;
  }
}

const TRUE = Buffer.from([0xff]);

function readExtension(reader: DerReader): Extension {
  const oid = readObjectIdentifier(reader);
  const critical = reader.optional(Tag.Boolean);
  // `critical` has the DEFAULT false: DER allows it only as true, and true only as FF.
  if (critical !== null && !critical.content.equals(TRUE)) throw new DerError('a malformed or encoded DEFAULT BOOLEAN');
  return { oid, critical: critical !== null, value: reader.expect(Tag.OctetString).content };
}

function toHex(octets: Buffer): string {
  return octets.toString('hex');
}
