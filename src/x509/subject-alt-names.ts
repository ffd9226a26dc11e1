import { DerError } from './der/error.ts';
import { decodeObjectIdentifier, readObjectIdentifier } from './der/object-identifier.ts';
import type { DerElement, DerReader } from './der/reader.ts';
import { contextConstructed, contextPrimitive, Tag } from './der/tags.ts';
import { BeyondLimits } from './errors.ts';
import { type Extension, interpret } from './extensions.ts';
import { formatIpAddress } from './ip-address.ts';
import { LIMITS } from './limits.ts';
import { readName } from './name.ts';
import { decodeUtf8 } from './name-strings.ts';
import { Oid } from './oids.ts';
import { formatAnyName } from './rfc4514.ts';

/** The subjectAltName extension by kind, each in the order of the certificate. Any of these texts may hold U+0000. */
export interface SubjectAltNames {
  /** As written: no case folding, no IDNA. */
  readonly dns: readonly string[];
  /** Dotted IPv4, RFC 5952 for IPv6, hex of the octets where they are neither. */
  readonly ip: readonly string[];
  readonly email: readonly string[];
  readonly uri: readonly string[];
  /** RFC 4514. */
  readonly directory: readonly string[];
  /** Dotted OBJECT IDENTIFIERs. */
  readonly registeredId: readonly string[];
  /** otherName, x400Address and ediPartyName: `<dotted type or kind>=#<hex of the DER>`. */
  readonly other: readonly string[];
}

type Kind = keyof SubjectAltNames;

/**
 * The names of the subjectAltName extension (RFC 5280 §4.2.1.6). A malformed extension gives none; a text that is not UTF-8, which
 * pyca would refuse to show, is read as Latin-1.
 * @throws BeyondLimits, DerLimitError where there are too many to read, or a directory's name is too long
 */
export function readSubjectAltNames(extensions: readonly Extension[]): SubjectAltNames {
  const names: Record<Kind, string[]> = {
    dns: [],
    ip: [],
    email: [],
    uri: [],
    directory: [],
    registeredId: [],
    other: [],
  };
  const entries =
    interpret(extensions, Oid.subjectAltName, (reader) => reader.enter(Tag.Sequence, readGeneralNames)) ?? [];
  for (const { kind, text } of entries) names[kind].push(text);
  return names;
}

interface GeneralName {
  readonly kind: Kind;
  readonly text: string;
}

function readGeneralNames(reader: DerReader): GeneralName[] {
  const names: GeneralName[] = [];
  while (!reader.done) {
    if (names.length === LIMITS.ALTERNATIVE_NAMES) throw new BeyondLimits('ALTERNATIVE_NAMES');
    names.push(readGeneralName(reader, reader.read()));
  }
  return names;
}

function readGeneralName(reader: DerReader, element: DerElement): GeneralName {
  const { tag, content } = element;
  switch (tag) {
    case contextConstructed(0):
      return { kind: 'other', text: readOtherName(reader.inside(element)) };
    case contextPrimitive(1):
      return { kind: 'email', text: decodeText(content) };
    case contextPrimitive(2):
      return { kind: 'dns', text: decodeText(content) };
    case contextConstructed(3):
      return { kind: 'other', text: `x400Address=#${element.encoded.toString('hex')}` };
    case contextConstructed(4):
      return { kind: 'directory', text: readDirectoryName(reader.inside(element)) };
    case contextConstructed(5):
      return { kind: 'other', text: `ediPartyName=#${element.encoded.toString('hex')}` };
    case contextPrimitive(6):
      return { kind: 'uri', text: decodeText(content) };
    case contextPrimitive(7):
      return { kind: 'ip', text: formatIpAddress(content) };
    case contextPrimitive(8):
      return { kind: 'registeredId', text: decodeObjectIdentifier(content) };
    default:
      throw new DerError('a GeneralName of unknown kind');
  }
}

function readOtherName(reader: DerReader): string {
  const type = readObjectIdentifier(reader);
  const value = reader.enter(contextConstructed(0), (inner) => inner.read().encoded.toString('hex'));
  reader.finish();
  return `${type}=#${value}`;
}

function readDirectoryName(reader: DerReader): string {
  const text = formatAnyName(readName(reader));
  reader.finish();
  return text;
}

function decodeText(content: Buffer): string {
  return decodeUtf8(content) ?? content.toString('latin1');
}
