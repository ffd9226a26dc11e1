import { hex, integer, sequence, tlv } from './der.ts';

/** AlgorithmIdentifiers and whether pyca 49 takes a certificate that is signed by one; each was put to it. */
export interface AlgorithmCase {
  readonly name: string;
  readonly algorithm: Buffer;
  readonly accepted: boolean;
}

const NULL = hex('05 00');
const NOTHING = Buffer.alloc(0);
const octetString = (length: number): Buffer => tlv(0x04, Buffer.alloc(length));
const [one, two] = [integer(1n), integer(2n)];

/** X.690 §8.19, of a dotted name. */
export function oid(dotted: string): Buffer {
  const [first = 0, second = 0, ...others] = dotted.split('.').map(Number);
  const octets = [first * 40 + second, ...others].flatMap((arc) => {
    const digits = [arc % 128];
    for (let rest = Math.floor(arc / 128); rest > 0; rest = Math.floor(rest / 128)) digits.unshift(128 + (rest % 128));
    return digits;
  });
  return tlv(0x06, Buffer.from(octets));
}

const RSA = '1.2.840.113549.1.1';
const NIST_HASH = '2.16.840.1.101.3.4.2';
const NIST_SIGNATURE = '2.16.840.1.101.3.4.3';
const sha1 = '1.3.14.3.2.26';
const mgf1 = `${RSA}.8`;

const numbered = (root: string, ...arcs: number[]): string[] => arcs.map((arc) => `${root}.${arc}`);

/** RFC 3279 §2.2.1, RFC 4055 §2.1, §5: parameters are NULL or absent. */
const NULL_OR_NOTHING = [
  sha1,
  '1.3.14.3.2.29',
  ...numbered(RSA, 1, 5, 11, 12, 13, 14),
  ...numbered(NIST_HASH, 1, 2, 3, 4, 7, 8, 9, 10),
  ...numbered('1.3.6.1.4.1.37476.3.2.1.99.7', 224, 256, 384, 512),
  ...numbered('1.2.840.113549.2', 7, 8, 9, 10, 11),
  ...numbered(NIST_SIGNATURE, 13, 14, 15, 16),
];

/** RFC 5758 §3.1, §3.2, RFC 8410 §3, RFC 9688 §3, RFC 9881 §2, RFC 9935 §3: there are none. */
const NOTHING_ONLY = [
  ...numbered('1.2.840.10045.4.3', 1, 2, 3, 4),
  ...numbered(NIST_SIGNATURE, 1, 2, 3, 4, 9, 10, 11, 12, 17, 18, 19),
  ...numbered('2.16.840.1.101.3.4.4', 2, 3),
  ...numbered('1.3.101', 110, 111, 112, 113),
];

const UNKNOWN = [`${RSA}.4`, '1.2.840.10040.4.3', '1.2.840.10045.4.1', '1.3.14.3.2.15', '1.2.3.4'];

function plain(): AlgorithmCase[] {
  const cases = (oids: string[], what: string, parameters: Buffer, accepted: boolean): AlgorithmCase[] =>
    oids.map((dotted) => ({ name: `${dotted} with ${what}`, algorithm: sequence(oid(dotted), parameters), accepted }));
  return [
    ...cases(NULL_OR_NOTHING, 'NULL', NULL, true),
    ...cases(NULL_OR_NOTHING, 'nothing', NOTHING, true),
    ...cases(NULL_OR_NOTHING, 'a SEQUENCE', sequence(), false),
    ...cases(NULL_OR_NOTHING, 'NULL twice', hex('05 00 05 00'), false),
    ...cases(NULL_OR_NOTHING, 'a NULL that is not empty', hex('05 01 00'), false),
    ...cases(NOTHING_ONLY, 'nothing', NOTHING, true),
    ...cases(NOTHING_ONLY, 'NULL', NULL, false),
    ...cases(UNKNOWN, 'nothing', NOTHING, true),
    ...cases(UNKNOWN, 'NULL', NULL, true),
    ...cases(UNKNOWN, 'a NULL that is not empty', hex('05 01 00'), true),
    ...cases(UNKNOWN, 'an INTEGER', one, true),
    ...cases(UNKNOWN, 'two values', hex('05 00 05 00'), false),
  ];
}

type Parameters = ReadonlyArray<readonly [what: string, parameters: Buffer, accepted: boolean]>;

const algorithm = (dotted: string, ...parameters: Buffer[]): Buffer => sequence(oid(dotted), ...parameters);
const SHA256 = algorithm(`${NIST_HASH}.1`, NULL);
const SHA1 = algorithm(sha1, NULL);
const pss = (...fields: Buffer[]): Buffer => sequence(...fields);
const tagged = (number: number, value: Buffer): Buffer => tlv(0xa0 + number, value);

/** RFC 4055 §3.1. */
const PSS: Parameters = [
  ['nothing', NOTHING, true],
  ['no field', pss(), true],
  ['NULL', NULL, false],
  [
    'all fields',
    pss(tagged(0, SHA256), tagged(1, algorithm(mgf1, SHA256)), tagged(2, integer(32n)), tagged(3, one)),
    true,
  ],
  ['the default hash', pss(tagged(0, SHA1)), false],
  ['the default hash without NULL', pss(tagged(0, algorithm(sha1))), true],
  ['the default mask', pss(tagged(1, algorithm(mgf1, SHA1))), false],
  ['the default mask without NULL', pss(tagged(1, algorithm(mgf1, algorithm(sha1)))), true],
  ['a mask of another kind with SHA-1', pss(tagged(1, algorithm('1.2.3', SHA1))), true],
  ['a mask without its hash', pss(tagged(1, algorithm(mgf1))), false],
  ['the default salt', pss(tagged(2, integer(20n))), false],
  ['a salt of 21', pss(tagged(2, integer(21n))), true],
  ['a salt of 65,535', pss(tagged(2, integer(65_535n))), true],
  ['a salt of 65,536', pss(tagged(2, integer(65_536n))), false],
  ['the default trailer', pss(tagged(3, one)), true],
  ['another trailer', pss(tagged(3, two)), true],
  ['a trailer of 255', pss(tagged(3, integer(255n))), true],
  ['a trailer of 256', pss(tagged(3, integer(256n))), false],
  ['an unknown field', pss(tagged(4, one)), false],
  ['fields out of order', pss(tagged(2, integer(32n)), tagged(0, SHA256)), false],
];

const three = [one, two, integer(3n)];
/** RFC 3279 §2.3.2. */
const DSS: Parameters = [
  ['p, q and g', sequence(...three), true],
  ['p and q', sequence(one, two), false],
  ['four numbers', sequence(...three, one), false],
  ['a negative number', sequence(one, two, hex('02 01 ff')), false],
  ['nothing', NOTHING, false],
];

/** RFC 3279 §2.3.3. */
const DHX: Parameters = [
  ['p, g and q', sequence(...three), true],
  ['j', sequence(...three, one), true],
  ['j and validation', sequence(...three, one, sequence(hex('03 02 00 00'), one)), true],
  ['validation', sequence(...three, sequence(hex('03 02 00 00'), one)), true],
  ['two numbers', sequence(one, two), false],
  ['five numbers', sequence(...three, one, two), false],
  ['something after it', sequence(...three, NULL), false],
];

/** PKCS #3 §9. */
const DH: Parameters = [
  ['p and g', sequence(one, two), true],
  ['a length', sequence(one, two, integer(160n)), true],
  ['a length of 32 bits', sequence(one, two, integer(2n ** 32n - 1n)), true],
  ['a length of 33 bits', sequence(one, two, integer(2n ** 32n)), false],
  ['p alone', sequence(one), false],
];

/** RFC 8018 §A.2. */
const PBKDF2: Parameters = [
  ['salt and count', sequence(octetString(8), one), true],
  ['a count of 64 bits', sequence(octetString(8), integer(2n ** 64n - 1n)), true],
  ['a count of 65 bits', sequence(octetString(8), integer(2n ** 64n)), false],
  ['a key length', sequence(octetString(8), one, integer(32n)), true],
  ['HMAC with SHA-256', sequence(octetString(8), one, algorithm('1.2.840.113549.2.9', NULL)), true],
  ['both', sequence(octetString(8), one, integer(32n), algorithm('1.2.840.113549.2.9', NULL)), true],
  ['the default, HMAC with SHA-1', sequence(octetString(8), one, algorithm('1.2.840.113549.2.7', NULL)), false],
  ['the default without NULL', sequence(octetString(8), one, algorithm('1.2.840.113549.2.7')), true],
  ['a salt of another source', sequence(algorithm('1.2.3'), one), false],
  ['no count', sequence(octetString(8)), false],
  ['something after it', sequence(octetString(8), one, NULL), false],
];

/** RFC 7914 §7. */
const SCRYPT: Parameters = [
  ['salt and three numbers', sequence(octetString(8), ...three), true],
  ['a key length', sequence(octetString(8), ...three, integer(2n ** 32n - 1n)), true],
  ['a key length of 33 bits', sequence(octetString(8), ...three, integer(2n ** 32n)), false],
  ['numbers of 64 bits', sequence(octetString(8), ...Array(3).fill(integer(2n ** 64n - 1n))), true],
  ['a number of 65 bits', sequence(octetString(8), one, two, integer(2n ** 64n)), false],
  ['two numbers', sequence(octetString(8), one, two), false],
  ['no salt', sequence(...three), false],
];

/** RFC 8018 §B.2.3. */
const RC2: Parameters = [
  ['an IV', sequence(octetString(8)), true],
  ['a version', sequence(integer(58n), octetString(8)), true],
  ['a version of 33 bits', sequence(integer(2n ** 32n), octetString(8)), false],
  ['an IV of 7 octets', sequence(octetString(7)), false],
  ['no IV', sequence(integer(58n)), false],
];

/** RFC 8018 §A.3. */
const PBES1: Parameters = [
  ['a salt of 8 octets', sequence(octetString(8), one), true],
  ['a salt of 9 octets', sequence(octetString(9), one), false],
  ['no count', sequence(octetString(8)), false],
];

/** RFC 7292 §C. */
const PKCS12_PBE: Parameters = [
  ['a salt of 8 octets', sequence(octetString(8), one), true],
  ['a salt of 20 octets', sequence(octetString(20), one), true],
  ['no salt', sequence(one), false],
  ['a count of 65 bits', sequence(octetString(8), integer(2n ** 64n)), false],
];

const iv = (length: number): Parameters => [
  [`an IV of ${length} octets`, octetString(length), true],
  [`an IV of ${length + 1} octets`, octetString(length + 1), false],
  ['nothing', NOTHING, false],
];

/** RFC 8018 §A.4. */
const PBES2: Parameters = [
  ['a derivation and a cipher', sequence(algorithm('1.2.3'), algorithm('1.2.4')), true],
  ['a derivation alone', sequence(algorithm('1.2.3')), false],
  ['three members', sequence(algorithm('1.2.3'), algorithm('1.2.4'), NULL), false],
];

const P256 = oid('1.2.840.10045.3.1.7');
const PRIME_FIELD = sequence(oid('1.2.840.10045.1.1'), integer(23n));
const specified = (field: Buffer, curve: Buffer, ...rest: Buffer[]): Buffer => sequence(one, field, curve, ...rest);
const COEFFICIENTS = sequence(octetString(1), octetString(1));
const [base, order] = [octetString(2), integer(7n)];

/** RFC 5480 §2.1.1, RFC 3279 §2.3.5. */
const EC: Parameters = [
  ['a named curve', P256, true],
  ['NULL', NULL, true],
  ['a NULL that is not empty', hex('05 01 00'), false],
  ['nothing', NOTHING, false],
  ['a curve spelled out', specified(PRIME_FIELD, COEFFICIENTS, base, order), true],
  ['a cofactor', specified(PRIME_FIELD, COEFFICIENTS, base, order, one), true],
  ['a cofactor of 255', specified(PRIME_FIELD, COEFFICIENTS, base, order, integer(255n)), true],
  ['a cofactor of 256', specified(PRIME_FIELD, COEFFICIENTS, base, order, integer(256n)), false],
  ['a seed', specified(PRIME_FIELD, sequence(octetString(1), octetString(1), hex('03 02 00 01')), base, order), true],
  [
    'a seed with unused bits that are set',
    specified(PRIME_FIELD, sequence(octetString(1), octetString(1), hex('03 02 01 01')), base, order),
    false,
  ],
  ['one coefficient', specified(PRIME_FIELD, sequence(octetString(1)), base, order), false],
  ['no order', specified(PRIME_FIELD, COEFFICIENTS, base), false],
  ['no base', specified(PRIME_FIELD, COEFFICIENTS, order), false],
  [
    'a field of characteristic two',
    specified(sequence(oid('1.2.840.10045.1.2'), sequence()), COEFFICIENTS, base, order),
    true,
  ],
  [
    'a field of characteristic two that is an INTEGER',
    specified(sequence(oid('1.2.840.10045.1.2'), one), COEFFICIENTS, base, order),
    false,
  ],
  [
    'a field of unknown type that holds a SEQUENCE',
    specified(sequence(oid('1.2.3'), sequence()), COEFFICIENTS, base, order),
    false,
  ],
  ['a field of unknown type', specified(sequence(oid('1.2.3'), one), COEFFICIENTS, base, order), false],
  [
    'a negative prime',
    specified(sequence(oid('1.2.840.10045.1.1'), hex('02 01 ff')), COEFFICIENTS, base, order),
    false,
  ],
];

const STRUCTURED: ReadonlyArray<readonly [oids: string[], cases: Parameters]> = [
  [[`${RSA}.10`], PSS],
  [['1.2.840.10040.4.1'], DSS],
  [['1.2.840.10046.2.1'], DHX],
  [['1.2.840.113549.1.3.1'], DH],
  [['1.2.840.113549.1.5.12'], PBKDF2],
  [['1.2.840.113549.1.5.13'], PBES2],
  [['1.2.840.113549.1.5.3'], PBES1],
  [numbered('1.2.840.113549.1.12.1', 1, 3, 6), PKCS12_PBE],
  [['1.3.6.1.4.1.11591.4.11'], SCRYPT],
  [['1.2.840.113549.3.2'], RC2],
  [['1.2.840.113549.3.7'], iv(8)],
  [numbered('2.16.840.1.101.3.4.1', 2, 22, 42), iv(16)],
  [['1.2.840.10045.2.1'], EC],
];

export const algorithmCases: AlgorithmCase[] = [
  ...plain(),
  ...STRUCTURED.flatMap(([oids, cases]) =>
    oids.flatMap((dotted) =>
      cases.map(([what, parameters, accepted]) => ({
        name: `${dotted} with ${what}`,
        algorithm: algorithm(dotted, parameters),
        accepted,
      })),
    ),
  ),
];
