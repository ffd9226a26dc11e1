import { opensslShortName } from './attribute-types.ts';
import { type OpensslAttribute, type OpensslName, readOpensslName } from './openssl-name.ts';

/** OpenSSL's buffer for the dotted form of a type it has no name for; what is longer is cut. */
const MAX_DOTTED = 79;
/** NAME_ONELINE_MAX: OpenSSL makes no longer line. */
const MAX_CHARACTERS = 1 << 20;

/**
 * A name on one line, as OpenSSL's X509_NAME_oneline writes it and `openssl x509 -subject -nameopt compat` prints it:
 * `/C=DE/O=Example/CN=example.com`, in the order of the encoding, the attributes of one RDN joined by `+`. Octets outside of
 * printable ASCII become `\xHH`, several for one character of UTF-8, a BMPString or a UniversalString; `/` and `+` of a value become
 * `\/` and `\+`, as OpenSSL does it since 3.0. A backslash stands as it is, so that two names may have the same line.
 * Types are named as OpenSSL 3.0 does it, but those that belong in no name at all (algorithms, purposes) are dotted.
 * @param nameDer the DER of a Name (RFC 5280 §4.1.2.4), for example `subjectDer` of a certificate's facts.
 * @returns ASCII text, '' for an empty name; null where OpenSSL itself refuses the name, because of a value that is no string it
 * knows, or makes no line so long.
 * @throws NotAName, BeyondLimits
 * @example
 * const { facts } = loadCertificate(certificatePem);
 * formatOneLine(facts.subjectDer); // → '/CN=example.com/O=Example/C=DE'
 */
export function formatOneLine(nameDer: Buffer): string | null {
  return formatRead(readOpensslName(nameDer));
}

/** As `formatOneLine`, of a name that was read. */
export function formatRead(name: OpensslName): string | null {
  const rdns: string[] = [];
  for (const rdn of name) {
    const attributes = rdn.map(formatAttribute);
    if (attributes.includes(null)) return null;
    if (attributes.length > 0) rdns.push(`/${attributes.join('+')}`);
  }
  const line = rdns.join('');
  return line.length > MAX_CHARACTERS ? null : line;
}

function formatAttribute({ oid, value }: OpensslAttribute): string | null {
  return value === null ? null : `${opensslShortName(oid) ?? oid.slice(0, MAX_DOTTED)}=${escapeOctets(value.octets)}`;
}

function escapeOctets(octets: Buffer): string {
  return octets.toString('latin1').replace(/[^ -*,-.0-~]/g, (character) => ESCAPES[character.charCodeAt(0)] ?? '');
}

/** By octet. The backslash itself is not escaped. */
const ESCAPES = Array.from({ length: 256 }, (_, octet) => {
  const isSeparator = octet === 0x2b || octet === 0x2f;
  return isSeparator ? `\\${String.fromCharCode(octet)}` : `\\x${octet.toString(16).toUpperCase().padStart(2, '0')}`;
});
