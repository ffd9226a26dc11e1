import { DerError, DerLimitError } from './der/error.ts';
import { readBounded } from './der/integer.ts';
import { readObjectIdentifier } from './der/object-identifier.ts';
import { type DerReader, parseDer } from './der/reader.ts';
import { contextConstructed, contextPrimitive, Tag } from './der/tags.ts';
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

/**
 * RFC 5280 §4.2.1.9. `pathLength` is null where there is no limit, and where it would mean nothing because this is no CA. Without a
 * readable extension, no CA. A path length over 2^53 loses its last digits.
 */
export function readBasicConstraints(extensions: readonly Extension[]): { isCa: boolean; pathLength: number | null } {
  const constraints = interpret(extensions, Oid.basicConstraints, (reader) =>
    reader.enter(Tag.Sequence, (inner) => {
      const isCa = readFlag(inner);
      const pathLength = inner.peek() === Tag.Integer ? toNumber(readBounded(inner, 64)) : null;
      return { isCa, pathLength: isCa ? pathLength : null };
    }),
  );
  return constraints ?? { isCa: false, pathLength: null };
}

/** RFC 5280 §4.2.1.2: lower-case hex, or null. */
export function readSubjectKeyId(extensions: readonly Extension[]): string | null {
  return interpret(extensions, Oid.subjectKeyIdentifier, (reader) => toHex(reader.expect(Tag.OctetString).content));
}

/**
 * RFC 5280 §4.2.1.1: the keyIdentifier in lower-case hex, or null where the extension names its key otherwise or not at all. It counts
 * also where an issuer stands beside it without a serial number, or the reverse, which the RFC forbids.
 */
export function readAuthorityKeyId(extensions: readonly Extension[]): string | null {
  return interpret(extensions, Oid.authorityKeyIdentifier, (reader) =>
    reader.enter(Tag.Sequence, (inner) => {
      const identifier = inner.optional(contextPrimitive(0));
      inner.enterOptional(contextConstructed(1), skipAll);
      inner.optional(contextPrimitive(2));
      return identifier === null ? null : toHex(identifier.content);
    }),
  );
}

/**
 * Reads the value of the extension of this type by `parse`. Null where there is none, where it is malformed, and where there are two
 * (RFC 5280 §4.2 forbids that, and readers differ in which they go by): that doesn't make the certificate unloadable, so its facts are
 * just not known.
 * @throws DerLimitError where it may be sound, since facts that are left out would be silently wrong
 */
export function interpret<T>(extensions: readonly Extension[], oid: string, parse: (reader: DerReader) => T): T | null {
  const [extension, another] = extensions.filter((candidate) => candidate.oid === oid);
  if (extension === undefined || another !== undefined) return null;
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
  return { oid, critical: readFlag(reader), value: reader.expect(Tag.OctetString).content };
}

/** A BOOLEAN DEFAULT FALSE: DER allows it only as true, and true only as FF (X.690 §11.1, §11.5). */
function readFlag(reader: DerReader): boolean {
  const flag = reader.optional(Tag.Boolean);
  if (flag !== null && !flag.content.equals(TRUE)) throw new DerError('a malformed or encoded DEFAULT BOOLEAN');
  return flag !== null;
}

function skipAll(reader: DerReader): void {
  while (!reader.done) reader.read();
}

function toNumber(magnitude: Buffer): number {
  return magnitude.reduce((number, octet) => number * 256 + octet, 0);
}

function toHex(octets: Buffer): string {
  return octets.toString('hex');
}
