import { DerError } from '../der/error.ts';
import { parseDer } from '../der/reader.ts';
import { Tag } from '../der/tags.ts';
import { type DerValue, encodeDer, sequence, setOf, universalPrimitive } from '../der/writer.ts';
import { BeyondLimits, CannotIssue } from '../errors.ts';
import { readName } from '../name.ts';
import { formatName } from '../rfc4514.ts';
import { type AttributeType, attributeTypeOf, isCountry, type StringType } from './attribute-types.ts';
import { dottedOid, isDottedOid } from './dotted-oid.ts';

/** One attribute of a name that is to be written. */
export interface NewAttribute {
  /** A short name of RFC 4514 or RFC 5280 in any letter case (`CN`, `OU`, `emailAddress` …), or a dotted OBJECT IDENTIFIER. */
  readonly type: string;
  /** As it is to read, not escaped. */
  readonly value: string;
}

/**
 * A Name (RFC 5280 §4.1.2.4) that is to be written: its RDNs in the order of the encoding, usually the widest first (`C`, `O`, `CN`).
 * RFC 4514 would write them in reverse. An RDN of several attributes is an array.
 */
export type NewName = readonly (NewAttribute | readonly NewAttribute[])[];

const TAGS: Readonly<Record<StringType, number>> = {
  utf8: Tag.Utf8String,
  printable: Tag.PrintableString,
  ia5: Tag.Ia5String,
};

const CHARACTERS: Readonly<Record<StringType, RegExp>> = {
  // U+0000 ends a name for who reads it in C: `good.example\0.bad.example`.
  utf8: /^[^\0]*$/u,
  printable: /^[A-Za-z0-9 '()+,\-./:=?]*$/,
  ia5: /^[\x01-\x7f]*$/,
};

/**
 * Encodes a name as DER: PrintableString for C, serialNumber and dnQualifier, IA5String for DC and emailAddress, UTF8String for all
 * others; the attributes of one RDN in the order of their encodings.
 * @throws CannotIssue with the first of `problemsOfName`
 */
export function encodeName(name: NewName): Buffer {
  const [problem] = problemsOfName(name);
  if (problem !== undefined) throw problem;
  return encodeDer(buildName(name));
}

/**
 * Everything that keeps a name from being written, each code once: NAME_TYPE_UNKNOWN, NAME_VALUE_EMPTY, NAME_VALUE_TOO_LONG (RFC 5280
 * Appendix A's upper bounds, in characters), NAME_VALUE_UNFIT (characters that the string type lacks, and U+0000), TEXT_NOT_UNICODE,
 * COUNTRY_NOT_TWO_LETTERS, NAME_RDN_MALFORMED (empty, or a type twice), NAME_TOO_LONG (for our own limits). An empty name is sound.
 */
export function problemsOfName(name: NewName): CannotIssue[] {
  const problems = new Map<string, CannotIssue>();
  for (const rdn of name.map(attributesOf)) {
    for (const problem of problemsOfRdn(rdn)) problems.set(problem.code, problem);
  }
  if (problems.size > 0) return [...problems.values()];
  return isTooLong(name) ? [new CannotIssue('NAME_TOO_LONG', 'a name is too long as a whole')] : [];
}

/** The name as a value to encode. Only of one in which `problemsOfName` finds nothing. */
export function buildName(name: NewName): DerValue {
  return sequence(...name.map((rdn) => setOf(attributesOf(rdn).map(buildAttribute))));
}

function attributesOf(rdn: NewName[number]): readonly NewAttribute[] {
  return 'type' in rdn ? [rdn] : rdn;
}

function buildAttribute({ type, value }: NewAttribute): DerValue {
  const { oid, stringType } = attributeTypeOf(type) ?? { oid: type, stringType: 'utf8' };
  return sequence(dottedOid(oid), universalPrimitive(TAGS[stringType], Buffer.from(value, 'utf8')));
}

function problemsOfRdn(rdn: readonly NewAttribute[]): CannotIssue[] {
  // X.501 §9.3: an RDN has each type once.
  const types = new Set(rdn.map(({ type }) => attributeTypeOf(type)?.oid ?? type));
  if (types.size < Math.max(rdn.length, 1)) {
    return [new CannotIssue('NAME_RDN_MALFORMED', 'an RDN is empty or has a type twice')];
  }
  return rdn.flatMap((attribute) => problemOfAttribute(attribute) ?? []);
}

function problemOfAttribute({ type, value }: NewAttribute): CannotIssue | null {
  const attributeType = attributeTypeOf(type);
  if (attributeType === null || !isDottedOid(attributeType.oid)) {
    return new CannotIssue('NAME_TYPE_UNKNOWN', 'an attribute type has neither a known name nor a dotted one');
  }
  return isCountry(attributeType) ? problemOfCountry(value) : problemOfValue(attributeType, value);
}

function problemOfCountry(value: string): CannotIssue | null {
  return /^[A-Za-z]{2}$/.test(value)
    ? null
    : new CannotIssue('COUNTRY_NOT_TWO_LETTERS', 'a country is not written with two letters');
}

function problemOfValue({ stringType, maxCharacters }: AttributeType, value: string): CannotIssue | null {
  if (value === '') return new CannotIssue('NAME_VALUE_EMPTY', 'a value in a name is empty');
  if (/\p{Surrogate}/u.test(value))
    return new CannotIssue('TEXT_NOT_UNICODE', 'a value in a name holds half a surrogate pair');
  if (!CHARACTERS[stringType].test(value)) {
    return new CannotIssue('NAME_VALUE_UNFIT', 'a value in a name has characters that its string type lacks');
  }
  if (maxCharacters !== null && value.length > maxCharacters && Array.from(value).length > maxCharacters) {
    return new CannotIssue('NAME_VALUE_TOO_LONG', 'a value in a name is longer than RFC 5280 allows');
  }
  return null;
}

/** Whether it would not be read back. */
function isTooLong(name: NewName): boolean {
  try {
    formatName(parseDer(encodeDer(buildName(name)), readName));
    return false;
  } catch (error) {
    if (error instanceof BeyondLimits || error instanceof DerError) return true;
    throw error;
  }
}
