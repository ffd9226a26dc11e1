import { Oid } from '../oids.ts';

/** The string types that are written, and what they may hold. */
export type StringType = 'utf8' | 'printable' | 'ia5';

/** How the values of an attribute type are written (RFC 5280 Appendix A, RFC 4519). */
export interface AttributeType {
  readonly oid: string;
  readonly stringType: StringType;
  /** Characters, at most: the upper bound of RFC 5280 Appendix A.1, where it sets one. */
  readonly maxCharacters: number | null;
}

const utf8 = (oid: string, maxCharacters: number | null = null): AttributeType => ({
  oid,
  stringType: 'utf8',
  maxCharacters,
});
const printable = (oid: string, maxCharacters: number): AttributeType => ({
  oid,
  stringType: 'printable',
  maxCharacters,
});
const ia5 = (oid: string, maxCharacters: number | null = null): AttributeType => ({
  oid,
  stringType: 'ia5',
  maxCharacters,
});

const COUNTRY: AttributeType = printable('2.5.4.6', 2);

/** By the short names of RFC 4514 §3 and RFC 4519, and those OpenSSL prints for the rest. */
const TYPES: Readonly<Record<string, AttributeType>> = {
  CN: utf8(Oid.commonName, 64),
  SN: utf8('2.5.4.4', 32_768),
  serialNumber: printable('2.5.4.5', 64),
  C: COUNTRY,
  L: utf8('2.5.4.7', 128),
  ST: utf8('2.5.4.8', 128),
  STREET: utf8('2.5.4.9'),
  O: utf8(Oid.organization, 64),
  OU: utf8(Oid.organizationalUnit, 64),
  title: utf8('2.5.4.12', 64),
  description: utf8('2.5.4.13'),
  businessCategory: utf8('2.5.4.15'),
  postalCode: utf8('2.5.4.17'),
  name: utf8('2.5.4.41', 32_768),
  GN: utf8('2.5.4.42', 32_768),
  initials: utf8('2.5.4.43', 32_768),
  generationQualifier: utf8('2.5.4.44', 32_768),
  dnQualifier: printable('2.5.4.46', Number.MAX_SAFE_INTEGER),
  pseudonym: utf8('2.5.4.65', 128),
  organizationIdentifier: utf8('2.5.4.97'),
  UID: utf8('0.9.2342.19200300.100.1.1'),
  DC: ia5('0.9.2342.19200300.100.1.25'),
  emailAddress: ia5('1.2.840.113549.1.9.1', 255),
  jurisdictionL: utf8('1.3.6.1.4.1.311.60.2.1.1', 128),
  jurisdictionST: utf8('1.3.6.1.4.1.311.60.2.1.2', 128),
  jurisdictionC: printable('1.3.6.1.4.1.311.60.2.1.3', 2),
};

/** RFC 4519 names some types twice. */
const ALIASES: Readonly<Record<string, string>> = {
  commonname: 'CN',
  surname: 'SN',
  countryname: 'C',
  localityname: 'L',
  stateorprovincename: 'ST',
  s: 'ST',
  street: 'STREET',
  streetaddress: 'STREET',
  organizationname: 'O',
  organizationalunitname: 'OU',
  givenname: 'GN',
  userid: 'UID',
  domaincomponent: 'DC',
  email: 'emailAddress',
  e: 'emailAddress',
};

const BY_NAME: ReadonlyMap<string, AttributeType> = new Map([
  ...Object.entries(TYPES).map(([name, type]) => [name.toLowerCase(), type] as const),
  ...Object.entries(ALIASES).flatMap(([alias, name]) => {
    const type = TYPES[name];
    return type === undefined ? [] : [[alias, type] as const];
  }),
]);
const BY_OID: ReadonlyMap<string, AttributeType> = new Map(Object.values(TYPES).map((type) => [type.oid, type]));
const COUNTRIES: ReadonlySet<string> = new Set(['2.5.4.6', '1.3.6.1.4.1.311.60.2.1.3']);

/**
 * How values of an attribute type are written. A dotted type that has a name is written as by its name; one without is UTF8String.
 * @param type a short name in any letter case (RFC 4514 §2.3), or a dotted OBJECT IDENTIFIER, which is not looked at any closer
 * @returns null for a name that is not known
 */
export function attributeTypeOf(type: string): AttributeType | null {
  if (/^\d/.test(type)) return BY_OID.get(type) ?? utf8(type);
  return BY_NAME.get(type.toLowerCase()) ?? null;
}

/** Whether values are country codes of ISO 3166: exactly two letters. */
export function isCountry({ oid }: AttributeType): boolean {
  return COUNTRIES.has(oid);
}
