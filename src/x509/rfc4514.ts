import { DerError } from './der/error.ts';
import { Tag } from './der/tags.ts';
import { BeyondLimits } from './errors.ts';
import { LIMITS } from './limits.ts';
import type { DistinguishedName, NameAttribute } from './name.ts';
import { decodeString } from './name-strings.ts';
import { Oid } from './oids.ts';

/** RFC 4514 §3: these nine, and every other type by its dotted number, as pyca does. */
const SHORT_NAMES: ReadonlyMap<string, string> = new Map([
  [Oid.commonName, 'CN'],
  ['2.5.4.7', 'L'],
  ['2.5.4.8', 'ST'],
  [Oid.organization, 'O'],
  [Oid.organizationalUnit, 'OU'],
  ['2.5.4.6', 'C'],
  ['2.5.4.9', 'STREET'],
  ['0.9.2342.19200300.100.1.25', 'DC'],
  ['0.9.2342.19200300.100.1.1', 'UID'],
]);

/** The types pyca has a name for; a value of any other type (a SEQUENCE, a BOOLEAN …) makes it refuse the name. */
const STRING_TAGS: ReadonlySet<number> = new Set([
  Tag.OctetString,
  Tag.Utf8String,
  Tag.NumericString,
  Tag.PrintableString,
  Tag.T61String,
  Tag.Ia5String,
  Tag.UtcTime,
  Tag.GeneralizedTime,
  Tag.VisibleString,
  Tag.UniversalString,
  Tag.BmpString,
]);

/** `O=` and what parts it from the next. */
const SHORTEST_ATTRIBUTE = 3;

/**
 * The name as pyca's `rfc4514_string()` writes it (contract §1.1): RDNs in reverse, the attributes of one RDN in the order of the
 * encoding; `=`, control characters and everything beyond ASCII are left as they are.
 * @returns text that may hold any character but U+0000; an empty name is ''.
 * @throws DerError for what pyca refuses: an empty RDN, an attribute twice in one RDN, a value that doesn't decode; BeyondLimits.
 */
export function formatName(name: DistinguishedName): string {
  return join(name, (rdn) => {
    const values = rdn.map(decodeValueStrictly);
    refuseRepetition(rdn, values);
    return rdn.map((attribute, index) => `${typeName(attribute)}=${values[index]}`);
  });
}

/**
 * As `formatName` but of any name: a value that pyca would refuse is written as `#` and the hex of its DER (RFC 4514 §2.4). For
 * the issuer and the alternative names, which authentik never looks at.
 * @throws BeyondLimits
 */
export function formatAnyName(name: DistinguishedName): string {
  return join(name, (rdn) => rdn.map((attribute) => `${typeName(attribute)}=${decodeAnyValue(attribute)}`));
}

function join(name: DistinguishedName, format: (rdn: readonly NameAttribute[]) => string[]): string {
  refuseTooMany(name);
  const parts = name.rdns.map((rdn) => format(rdn).join('+'));
  const text = parts.reverse().join(',');
  if (isTooLong(text)) throw new BeyondLimits('NAME_CHARACTERS');
  return text;
}

/** Of so many attributes the text would be too long, and making it would take its time. */
function refuseTooMany({ rdns }: DistinguishedName): void {
  const attributes = rdns.reduce((count, rdn) => count + rdn.length, 0);
  if (attributes * SHORTEST_ATTRIBUTE - 1 > LIMITS.NAME_CHARACTERS) throw new BeyondLimits('NAME_CHARACTERS');
}

/** Counts code points, each of which is one or two units of a string. */
function isTooLong(text: string): boolean {
  if (text.length <= LIMITS.NAME_CHARACTERS) return false;
  return text.length > 2 * LIMITS.NAME_CHARACTERS || Array.from(text).length > LIMITS.NAME_CHARACTERS;
}

function typeName({ oid }: NameAttribute): string {
  return SHORT_NAMES.get(oid) ?? oid;
}

/** Null for what pyca refuses, without an exception: `formatAnyName` may meet thousands. */
function decodeValue({ oid, value }: NameAttribute): string | null {
  if (value.tag === Tag.BitString) {
    // pyca knows BIT STRING in one type only, and writes its content octets whole: the count of unused bits is among them.
    if (oid !== Oid.uniqueIdentifier) return null;
    return value.content.length === 0 ? '' : `#${value.content.toString('hex')}`;
  }
  if (!STRING_TAGS.has(value.tag)) return null;
  const text = decodeString(value);
  return text === null ? null : escapeValue(text);
}

function decodeValueStrictly(attribute: NameAttribute): string {
  const text = decodeValue(attribute);
  if (text === null) throw new DerError('a value in a name is no string, or not UTF-8');
  return text;
}

function decodeAnyValue(attribute: NameAttribute): string {
  return decodeValue(attribute) ?? `#${attribute.value.encoded.toString('hex')}`;
}

/** RFC 4514 §2.4. */
function escapeValue(value: string): string {
  const escaped = value.replace(/["+,;<>\\]/g, '\\$&').replaceAll('\0', '\\00');
  const leading = escaped.startsWith('#') || (escaped.startsWith(' ') && escaped.length > 1) ? '\\' : '';
  return escaped.endsWith(' ') ? `${leading}${escaped.slice(0, -1)}\\ ` : leading + escaped;
}

/** pyca compares type and decoded value, not the string type. Escaping keeps different values different. */
function refuseRepetition(rdn: readonly NameAttribute[], values: readonly string[]): void {
  if (rdn.length === 0) throw new DerError('an empty RDN');
  // A BIT STRING can't be taken for a text: the `#` of a text is escaped.
  const seen = new Set(rdn.map(({ oid }, index) => `${oid}=${values[index]}`));
  if (seen.size !== rdn.length) throw new DerError('an attribute twice in one RDN');
}
