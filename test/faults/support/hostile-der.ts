import { generatePrimeSync, randomBytes } from 'node:crypto';
import { certificate, commonName, hex, integer, OID, pem, sequence, tlv } from '../../x509/support/der.ts';

/** Certificates and keys that are as dear to read as their size allows. */

const SHA256_WITH_RSA = sequence(hex('06 09 2a 86 48 86 f7 0d 01 01 0b'), hex('05 00'));
const DSA_WITH_SHA256 = sequence(hex('06 09 60 86 48 01 65 03 04 03 02'));
const ECDSA_WITH_SHA256 = sequence(OID.ecdsaWithSha256);
const PRIME_FIELD = hex('06 07 2a 86 48 ce 3d 01 01');
const DSA = hex('06 07 2a 86 48 ce 38 04 01');
const DH = hex('06 09 2a 86 48 86 f7 0d 01 03 01');
const UNKNOWN_ALGORITHM = hex('06 03 2a 03 04');
const RSASSA_PSS = hex('06 09 2a 86 48 86 f7 0d 01 01 0a');

/** An odd number of exactly so many bits. */
export function oddNumber(bits: number): bigint {
  const random = BigInt(`0x${randomBytes(Math.ceil(bits / 8)).toString('hex')}`);
  return BigInt.asUintN(bits, random) | (1n << BigInt(bits - 1)) | 1n;
}

/** A certificate that names itself as its issuer, so that its signature is verified, which fails as late as possible. */
function selfIssued(algorithm: Buffer, publicKey: Buffer, signature: Buffer): string {
  const validity = ['200101000000Z', '300101000000Z'].map((moment) => tlv(0x17, Buffer.from(moment)));
  const head = [hex('a0 03 02 01 02 02 01 05'), algorithm, commonName('x'), sequence(...validity), commonName('x')];
  const tbs = sequence(...head, publicKey);
  return pem('CERTIFICATE', sequence(tbs, algorithm, tlv(0x03, Buffer.alloc(1), signature)));
}

const publicKeyInfo = (algorithm: Buffer, ...key: Buffer[]) => sequence(algorithm, tlv(0x03, Buffer.alloc(1), ...key));

export function rsaCertificate(modulusBits: number, exponent: bigint): string {
  const key = sequence(integer(oddNumber(modulusBits)), integer(exponent));
  const signature = randomBytes(modulusBits / 8).fill(0, 0, 1);
  return selfIssued(SHA256_WITH_RSA, publicKeyInfo(sequence(OID.rsaEncryption, hex('05 00')), key), signature);
}

export function dsaCertificate(primeBits: number): string {
  const [p, q] = [oddNumber(primeBits), oddNumber(256)];
  const algorithm = sequence(DSA, sequence(integer(p), integer(q), integer(p >> 2n)));
  const signature = sequence(integer(q >> 1n), integer(q >> 2n));
  return selfIssued(DSA_WITH_SHA256, publicKeyInfo(algorithm, integer(p >> 3n)), signature);
}

/** On a curve of its own, y² = x³ + x + b, through a point that is on it. */
export function explicitCurveCertificate(prime: bigint): string {
  const octets = Math.ceil(prime.toString(16).length / 2);
  const fieldElement = (value: bigint) => Buffer.from(value.toString(16).padStart(2 * octets, '0'), 'hex');
  const [x, y] = [2n, 3n];
  const b = (y * y - x ** 3n - x + prime) % prime;
  const point = Buffer.concat([hex('04'), fieldElement(x), fieldElement(y)]);
  const parameters = sequence(
    integer(1n),
    sequence(PRIME_FIELD, integer(prime)),
    sequence(tlv(0x04, fieldElement(1n)), tlv(0x04, fieldElement(b))),
    tlv(0x04, point),
    integer(prime - 2n),
    integer(1n),
  );
  const signature = sequence(integer(prime >> 1n), integer(prime >> 2n));
  return selfIssued(ECDSA_WITH_SHA256, publicKeyInfo(sequence(OID.ecPublicKey, parameters), point), signature);
}

/** With an RSA key whose numbers fit each other, so that nothing less than a test of its factors finds that they are not prime. */
export function rsaKey(factorBits: number, otherFactorBits: number): string {
  for (;;) {
    const [p, q, e] = [oddNumber(factorBits), generatePrimeSync(otherFactorBits, { bigint: true }), 65_537n];
    const [d, qInv] = [inverse(e, (p - 1n) * (q - 1n)), inverse(q, p)];
    if (d !== undefined && qInv !== undefined) {
      const numbers = [0n, p * q, e, d, p, q, d % (p - 1n), d % (q - 1n), qInv];
      return pem('RSA PRIVATE KEY', sequence(...numbers.map(integer)));
    }
  }
}

/** By the extended Euclidean algorithm; `undefined` where there is none. */
function inverse(value: bigint, modulus: bigint): bigint | undefined {
  let [rest, next, factor, nextFactor] = [modulus, value % modulus, 0n, 1n];
  while (next !== 0n) {
    const quotient = rest / next;
    [rest, next] = [next, rest - quotient * next];
    [factor, nextFactor] = [nextFactor, factor - quotient * nextFactor];
  }
  return rest === 1n ? (factor + modulus) % modulus : undefined;
}

const pkcs8 = (algorithm: Buffer, value: Buffer) =>
  pem('PRIVATE KEY', sequence(integer(0n), algorithm, tlv(0x04, value)));

export function dsaKey(primeBits: number, valueBits: number): string {
  const numbers = [oddNumber(primeBits), oddNumber(256), oddNumber(primeBits - 2)].map(integer);
  return pkcs8(sequence(DSA, sequence(...numbers)), integer(oddNumber(valueBits)));
}

export function dhKey(prime: bigint): string {
  return pkcs8(sequence(DH, sequence(integer(prime), integer(2n))), integer(5n));
}

/** A SEQUENCE in a SEQUENCE, and so on; encoded from the inside, so that a depth of 10,000 is made in a moment. */
export function nested(depth: number): Buffer {
  const heads: Buffer[] = [];
  let length = 0;
  for (let level = 0; level < depth; level++) {
    const head = lengthHead(length);
    heads.push(head);
    length += head.length;
  }
  return Buffer.concat(heads.reverse());
}

function lengthHead(length: number): Buffer {
  if (length < 0x80) {
    return Buffer.from([0x30, length]);
  }
  const octets = length < 0x100 ? 1 : length < 0x1_0000 ? 2 : 3;
  const head = Buffer.from([0x30, 0x80 | octets, 0, 0, 0]).subarray(0, 2 + octets);
  head.writeUIntBE(length, 2, octets);
  return head;
}

/** Nested where nobody needs to look: as a parameter of an algorithm that nobody knows. */
export const nestedParameters = (depth: number) =>
  pem('CERTIFICATE', certificate({ signatureAlgorithm: sequence(UNKNOWN_ALGORITHM, nested(depth)) }));

/** Nested where everybody must: RSASSA-PSS with RSASSA-PSS as its hash. */
export function nestedAlgorithms(depth: number): string {
  let algorithm = sequence(RSASSA_PSS);
  for (let level = 0; level < depth; level++) {
    algorithm = sequence(RSASSA_PSS, sequence(tlv(0xa0, algorithm)));
  }
  return pem('CERTIFICATE', certificate({ signatureAlgorithm: algorithm }));
}

/** A subject of so many empty RDNs. */
export const manyElements = (count: number) =>
  pem('CERTIFICATE', certificate({ subject: sequence(Buffer.alloc(2 * count, hex('31 00'))) }));

/** Empty ones, of a type that nobody knows, of three elements each. */
export const manyExtensions = (count: number) =>
  withExtensions(Buffer.alloc(7 * count, sequence(hex('06 01 2a'), hex('04 00'))));

/** Extensions that nobody knows, each of a type whose arcs are as long as pyca takes. */
export function longTypes(count: number): string {
  const longestArc = hex(`83 ${'ff '.repeat(17)} 7f`);
  const extension = sequence(tlv(0x06, hex('2a'), longestArc, longestArc, longestArc), hex('04 00'));
  return withExtensions(Buffer.alloc(extension.length * count, extension));
}

export const manyAlternativeNames = (count: number, name = (index: number) => index.toString(36)) =>
  alternativeNames(Buffer.concat(Array.from({ length: count }, (_, index) => tlv(0x82, Buffer.from(name(index))))));

/** One alternative name, a directory's, of so many empty RDNs. */
export const largeAlternativeName = (count: number) =>
  alternativeNames(tlv(0xa4, sequence(Buffer.alloc(2 * count, hex('31 00')))));

/** One RDN of so many attributes whose value is not the UTF-8 it says it is. */
const notUtf8 = (attributes: number) =>
  sequence(tlv(0x31, Buffer.alloc(8 * attributes, hex('30 06 06 01 2a 0c 01 ff'))));

export const issuerNotUtf8 = (attributes: number) => pem('CERTIFICATE', certificate({ issuer: notUtf8(attributes) }));

/** So many alternative names, each a directory's. */
export const directoriesNotUtf8 = (count: number, attributes: number) => {
  const directory = tlv(0xa4, notUtf8(attributes));
  return alternativeNames(Buffer.alloc(directory.length * count, directory));
};

/** A scheme by which private keys are encrypted as the type of one extension, and so many elements beside it. */
export function schemeAmong(elements: number): string {
  const scheme = sequence(hex('06 09 2a 86 48 86 f7 0d 01 05 0d'), hex('04 00'));
  const subject = sequence(Buffer.alloc(2 * elements, hex('31 00')));
  return pem('CERTIFICATE', certificate({ subject, extensions: tlv(0xa3, sequence(scheme)) }));
}

const alternativeNames = (names: Buffer) => withExtensions(sequence(hex('06 03 55 1d 11'), tlv(0x04, sequence(names))));

function withExtensions(extensions: Buffer): string {
  return pem('CERTIFICATE', certificate({ extensions: tlv(0xa3, sequence(extensions)) }));
}
