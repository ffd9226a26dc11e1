import { showsOddInteger, showsOddTime, showsUnfitRsaNumbers } from './evidence.ts';

/** Why one side takes what the other refuses. */
export interface Rule {
  /** Of our reason, where we refuse; otherwise of what `compareVerdicts` calls the cause. */
  readonly cause: RegExp;
  /** Whether the DER shows that cause too: a reason that is given where it does not hold is no reason. */
  readonly shows?: (der: Buffer) => boolean;
  readonly rule: string;
}

export interface RuleBook {
  readonly weRefuse: readonly Rule[];
  readonly weTake: readonly Rule[];
  /**
   * Reasons of ours, word for word, that every long run meets where OpenSSL takes the input. Without the check behind one of them both
   * would take it, and no difference would tell.
   */
  readonly metReasons: readonly string[];
}

const LENGTHS = /length is not in its shortest form|length is indefinite or too long/;
const SHORTEST_LENGTHS = 'DER has the shortest definite length (X.690 §10.1); OpenSSL reads BER';
const ALL_BLOCKS =
  'pem-rs reads every block of the text, and strictly (contract §1.3); OpenSSL reads up to the one it wants';
const FIRST_BLOCK =
  'the first block of a label counts, wherever it stands (contract §1.3); OpenSSL passes over those it can not read, or that begin no line';
const BAD_BLOCKS =
  /no label|labels of BEGIN and END|canonical base64|header has no colon|not well-formed Unicode|PEM_BLOCKS over/;

/** Why our verdict on a certificate differs from X509Certificate's. Ours is pyca's. */
export const CERTIFICATE_RULES: RuleBook = {
  weRefuse: [
    { cause: BAD_BLOCKS, rule: ALL_BLOCKS },
    { cause: /^another block$/, rule: FIRST_BLOCK },
    {
      cause: /no CERTIFICATE block/,
      rule: 'the label must be (X509) CERTIFICATE; OpenSSL takes TRUSTED CERTIFICATE too',
    },
    { cause: LENGTHS, rule: SHORTEST_LENGTHS },
    {
      cause: /time|year 0/,
      shows: showsOddTime,
      rule: 'a time has seconds and Z and exists (RFC 5280 §4.1.2.5); OpenSSL looks at it when somebody asks',
    },
    { cause: /DEFAULT/, rule: 'DER leaves a DEFAULT out, and TRUE is FF (X.690 §11.1, §11.5); OpenSSL reads BER' },
    { cause: /unknown version/, rule: 'pyca knows versions 1 and 3; OpenSSL takes any number' },
    {
      cause: /INTEGER/,
      shows: showsOddInteger,
      rule: 'versions and the numbers of parameters are unsigned, bounded and the shortest; OpenSSL reads parameters when the key is used',
    },
    {
      cause: /PrintableString|BMPString|UniversalString/,
      rule: 'a string has the characters of its type (X.680 §41.4, §41.10); OpenSSL does not look',
    },
    {
      cause: /empty RDN|twice in one RDN|value in a name/,
      rule: 'pyca writes the subject by RFC 4514, and refuses what it can not; OpenSSL writes anything',
    },
    { cause: /SET OF is not in order/, rule: 'DER sorts a SET OF (X.690 §11.6); OpenSSL reads BER' },
    {
      cause: /OBJECT IDENTIFIER/,
      rule: 'an OBJECT IDENTIFIER has at most 63 octets, and arcs of 128 bits, in pyca; OpenSSL takes longer ones',
    },
    {
      cause: /well-formed tag/,
      rule: 'a long-form tag is above 30 and not padded (X.690 §8.1.2.4); OpenSSL takes any, and skips what it has no use for',
    },
    {
      cause: /a tag other than|field of unknown type|longer than what holds it|length is (missing|cut off)|NULL/,
      rule: 'parameters of a known algorithm have its type, and what is constructed says so; OpenSSL reads parameters when the key is used, and the constructed bit of some types',
    },
    {
      cause: /OCTET STRING of the wrong length/,
      rule: 'the parameters of a cipher have its length; OpenSSL reads them when it is used',
    },
    {
      cause: /BIT STRING/,
      rule: 'unused bits are zero and fewer than 8 (X.690 §11.2); OpenSSL clears them, or never looks',
    },
    {
      cause: /extra data/,
      rule: 'nothing is left over; OpenSSL ignores what follows the certificate, and reads no parameters',
    },
    { cause: / over \d+$|^more than /, rule: 'a limit of ours (docs/decisions/0015)' },
  ],
  weTake: [
    {
      cause: /^another block$/,
      rule: 'pem-rs bears indentation, any width, CR alone, any text around (contract §1.3); OpenSSL does not',
    },
    {
      cause: /ASN1_MSTRING_(WRONG_TAG|NOT_UNIVERSAL)/,
      rule: 'pyca takes values of more types in a name, of any in the issuer; OpenSSL has a list (B_ASN1_DIRECTORYSTRING and others)',
    },
    {
      cause: /ASN1_(ILLEGAL_CHARACTERS|INVALID_UTF8STRING|INVALID_BMPSTRING_LENGTH|INVALID_UNIVERSALSTRING_LENGTH)/,
      rule: 'pyca never decodes the issuer, and a BMPString as UTF-16; OpenSSL decodes every value of both names, as UCS-2',
    },
    {
      cause: /ASN1_INVALID_BIT_STRING_BITS_LEFT/,
      rule: 'pyca keeps the octets of a BIT STRING in a name as they are; OpenSSL wants fewer than 8 unused bits',
    },
    {
      cause:
        /ASN1_(TOO_LONG|HEADER_TOO_LONG|NESTED_TOO_DEEP|NESTED_ASN1_STRING|UNEXPECTED_EOC|MISSING_EOC|BAD_OBJECT_HEADER|BOOLEAN_IS_WRONG_LENGTH|NULL_IS_WRONG_LENGTH|TYPE_NOT_(CONSTRUCTED|PRIMITIVE)|SEQUENCE_NOT_CONSTRUCTED|INVALID_OBJECT_ENCODING|ILLEGAL_(PADDING|ZERO_CONTENT)|STRING_TOO_SHORT|INVALID_NUMBER)/,
      rule: 'pyca keeps the octets of a value that may be of any type (in the issuer, in parameters); OpenSSL reads it, a constructed one as a string in parts',
    },
  ],
  metReasons: [
    'a malformed time',
    'a PrintableString with other characters',
    'a time that does not exist',
    'a length is not in its shortest form',
    'a certificate of unknown version',
    'a malformed or encoded DEFAULT BOOLEAN',
    'a negative INTEGER',
    'a length is indefinite or too long',
    'an INTEGER is too large',
    'extra data',
    'an empty RDN',
    'an OBJECT IDENTIFIER of unusable length',
    'NAME_CHARACTERS over 16384',
    'an arc of an OBJECT IDENTIFIER is too large',
    'no well-formed tag',
    'an attribute twice in one RDN',
    'a block has no label',
    'a block holds something else than canonical base64',
  ],
};

/** Why our verdict on a private key differs from createPrivateKey's. Ours is pyca's. */
export const KEY_RULES: RuleBook = {
  weRefuse: [
    { cause: BAD_BLOCKS, rule: ALL_BLOCKS },
    { cause: /^another block$/, rule: FIRST_BLOCK },
    { cause: LENGTHS, rule: SHORTEST_LENGTHS },
    { cause: /no private key block/, rule: 'five labels announce a key (contract §1.3); OpenSSL finds others' },
    { cause: /is encrypted/, rule: 'the label or Proc-Type says that it is encrypted; OpenSSL finds that it is not' },
    {
      cause: /RSA key do not fit/,
      shows: showsUnfitRsaNumbers,
      rule: 'pyca checks RSA keys (RFC 8017 §3.2); OpenSSL loads and signs with any numbers',
    },
    {
      cause: /factor of the RSA key/,
      rule: 'the factors of an RSA key are prime, as pyca checks it; OpenSSL loads any',
    },
    { cause: /DH key/, rule: 'pyca checks DH parameters (DH_check); OpenSSL loads any' },
    {
      cause: /unsupported curve/,
      rule: 'pyca knows nine curves, spelled out three; OpenSSL knows 82 and computes on any',
    },
    { cause: /is not its own/, rule: "the point must be the scalar's, as pyca checks it; OpenSSL loads any" },
    {
      cause: /names two curves/,
      rule: 'both parameters of an EC key in PKCS#8 are the same in pyca; OpenSSL reads the outer ones',
    },
    {
      cause: /unknown version/,
      rule: 'pyca knows version 0 of PKCS#1, PKCS#8 and DSA, version 1 of SEC 1; OpenSSL takes others',
    },
    {
      cause: /the scalar of the EC key/,
      rule: 'the scalar has the octets of the order and is below it (RFC 5915 §3); OpenSSL takes any length',
    },
    {
      cause: /negative INTEGER|INTEGER is too large|shortest form|empty INTEGER/,
      rule: 'numbers are unsigned, bounded and the shortest; OpenSSL takes negative and padded ones',
    },
    { cause: /extra data/, rule: 'nothing is left over; OpenSSL ignores what follows the key' },
    { cause: /SET OF is not in order/, rule: 'attributes of PKCS#8 are sorted (X.690 §11.6); OpenSSL reads BER' },
    { cause: /unsupported type/, rule: 'a type that pyca does not know' },
    {
      cause:
        /a tag other than|well-formed tag|longer than what holds it|OBJECT IDENTIFIER|NULL|BIT STRING|unknown type|length is (missing|cut off)/,
      rule: 'all of a key is DER of the format that its label names; OpenSSL skips parameters and attributes, and goes by no label',
    },
    { cause: / over \d+$|^more than /, rule: 'a limit of ours (docs/decisions/0015)' },
  ],
  weTake: [
    {
      cause: /^another block$/,
      rule: 'authentik strips each line, pem-rs bears any width and text (contract §1.3); OpenSSL does not',
    },
    { cause: /^(dsa|dh): ERR_OSSL/, rule: 'pyca takes the numbers of a DSA key as they are; OpenSSL refuses some' },
    {
      cause: /^rsa: ERR_OSSL/,
      rule: 'an RSASSA-PSS key is a plain RSA key in pyca, whatever its parameters; OpenSSL reads them',
    },
    { cause: /^post-quantum: /, rule: 'pyca loads ML-DSA and ML-KEM; OpenSSL knows them from 3.5 on' },
  ],
  metReasons: [
    'an EC key on an unsupported curve',
    'the numbers of the RSA key do not fit each other',
    'extra data',
    'a negative INTEGER',
    'the public key beside the EC key is not its own',
    'the scalar of the EC key has the wrong length',
    'a length is not in its shortest form',
    'PKCS#8 of an unknown version',
    'an INTEGER is too large',
    'an EC key of an unknown version',
    'the parameters of the DH key do not fit each other',
    'a length is indefinite or too long',
    'a header has no colon',
    'an INTEGER is not in its shortest form',
    'a block holds something else than canonical base64',
    'an empty INTEGER',
  ],
};
