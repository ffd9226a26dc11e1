import { generatePrimeSync, getDiffieHellman } from 'node:crypto';
import { opensslPair } from '../../support/openssl.ts';
import { certificate as der, pem } from '../../x509/support/der.ts';
import { type Attack, accepted, beyond, filled, generation, pair, query, raw, refused } from './attack.ts';
import {
  dhKey,
  directoriesNotUtf8,
  dsaCertificate,
  dsaKey,
  explicitCurveCertificate,
  issuerNotUtf8,
  largeAlternativeName,
  longTypes,
  manyAlternativeNames,
  manyElements,
  manyExtensions,
  nestedAlgorithms,
  nestedParameters,
  oddNumber,
  rsaCertificate,
  rsaKey,
  schemeAmong,
} from './hostile-der.ts';

const CERTIFICATE = ['certificate_data'];
const EMPTY_BLOCK = '-----BEGIN A-----\n-----END A-----\n';
const EMPTY_CERTIFICATE = '-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n';
const BLOCKS = '256 PEM blocks';
const ELEMENTS = '50000 ASN.1 elements';
const NAMES = '10000 subject alternative names';
const CHARACTERS = '16384 characters in a distinguished name';
const BYTES = '1048576 bytes in a PEM block';
const BEGIN = '-----BEGIN CERTIFICATE-----\n';
/** OpenSSL's, of those that have a name. */
const SLOWEST_CURVE = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:sect571r1'];
/** Of field elements that OpenSSL takes at all (OPENSSL_ECC_MAX_FIELD_BITS). */
const LARGEST_FIELD_BITS = 661;
/** Of DSA and DH (OPENSSL_DSA_MAX_MODULUS_BITS). */
const LARGEST_PRIME_BITS = 10_000;

/** Texts around and instead of PEM blocks. */
export function pemAttacks(sound: string): Attack[] {
  const certificateOf = (text: string) => (name: string) => pair(name, text);
  const half = { size: (1 << 19) - 200, beside: sound };
  const curve = opensslPair('slow.example', SLOWEST_CURVE).certificate;
  const ownCurve = explicitCurveCertificate(generatePrimeSync(LARGEST_FIELD_BITS, { bigint: true }));
  return [
    beyond(BLOCKS, 'nothing but empty blocks', CERTIFICATE, certificateOf(filled(EMPTY_BLOCK))),
    beyond(BLOCKS, 'nothing but empty certificates', CERTIFICATE, certificateOf(filled(EMPTY_CERTIFICATE))),
    beyond(
      BLOCKS,
      'a certificate and empty blocks',
      CERTIFICATE,
      certificateOf(sound + filled(EMPTY_BLOCK, { beside: sound })),
    ),
    beyond(
      BLOCKS,
      'a certificate and empty certificates',
      CERTIFICATE,
      certificateOf(sound + filled(EMPTY_CERTIFICATE, { beside: sound })),
    ),
    beyond(BLOCKS, 'empty blocks as certificate and as key', [...CERTIFICATE, 'key_data'], (name) =>
      pair(name, sound + filled(EMPTY_BLOCK, half), filled(EMPTY_BLOCK, half)),
    ),
    accepted(
      'a block with nothing but headers',
      certificateOf(`${BEGIN}${filled('A: b\n', { beside: sound })}\n${sound.slice(BEGIN.length)}`),
    ),
    refused('headers without an end', 'certificate_data', certificateOf(`${BEGIN}${filled(':\n')}`)),
    accepted('a certificate after line feeds', certificateOf(`x${filled('\n', { beside: sound })}${sound}`)),
    refused('BEGIN without END', 'certificate_data', certificateOf(filled('-----BEGIN '))),
    refused('a key of one blank to a line', 'key_data', (name) =>
      pair(name, sound, filled(' \n', { beside: sound }).replace(/^/, 'x')),
    ),
    beyond(BLOCKS, 'a chain of 1,000 certificates', CERTIFICATE, certificateOf(sound.repeat(1000))),
    beyond(
      BLOCKS,
      'a megabyte of the smallest certificates',
      CERTIFICATE,
      certificateOf(filled(pem('CERTIFICATE', der()))),
    ),
    beyond(BLOCKS, 'a megabyte on the slowest named curve', CERTIFICATE, certificateOf(filled(curve))),
    beyond(BLOCKS, 'a megabyte on curves of their own', CERTIFICATE, certificateOf(filled(ownCurve))),
    accepted('256 certificates on the slowest named curve', certificateOf(curve.repeat(256))),
    accepted('256 certificates on curves of their own', certificateOf(ownCurve.repeat(256))),
    accepted('a megabyte of 16,384-bit RSA', certificateOf(filled(rsaCertificate(16_384, 65_537n)))),
    accepted(
      'a megabyte of certificates of 10,000 extensions',
      certificateOf(sound + filled(manyExtensions(10_000), { beside: sound })),
    ),
    accepted(
      'a megabyte of certificates of 49,000 elements',
      certificateOf(sound + filled(manyElements(49_000), { beside: sound })),
    ),
    accepted(
      'a megabyte of certificates of 49,000 elements that name a scheme of encryption',
      certificateOf(sound + filled(schemeAmong(49_000), { beside: sound })),
    ),
  ];
}

/** ASN.1 that is deep or wide. */
export function asn1Attacks(): Attack[] {
  const certificateOf = (text: string) => (name: string) => pair(name, text);
  return [
    beyond(
      '64 nested ASN.1 elements',
      'algorithms nested 10,000 deep',
      CERTIFICATE,
      certificateOf(nestedAlgorithms(10_000)),
    ),
    accepted('unread parameters nested 10,000 deep', certificateOf(nestedParameters(10_000))),
    beyond(ELEMENTS, 'a name of 370,000 elements', CERTIFICATE, certificateOf(manyElements(370_000))),
    beyond(
      ELEMENTS,
      'an alternative name of 300,000 elements',
      CERTIFICATE,
      certificateOf(largeAlternativeName(300_000)),
    ),
    beyond(NAMES, '100,000 alternative names', CERTIFICATE, certificateOf(manyAlternativeNames(100_000))),
    beyond(NAMES, '10,001 alternative names', CERTIFICATE, certificateOf(manyAlternativeNames(10_001))),
    accepted('10,000 alternative names', certificateOf(manyAlternativeNames(10_000))),
    accepted(
      '10,000 alternative names of backslashes',
      certificateOf(manyAlternativeNames(10_000, () => '\\'.repeat(70))),
    ),
    beyond(
      CHARACTERS,
      'an issuer of 16,000 values that are no UTF-8',
      CERTIFICATE,
      certificateOf(issuerNotUtf8(16_000)),
    ),
    accepted('an issuer of as many as its text may have', certificateOf(issuerNotUtf8(1000))),
    beyond(
      CHARACTERS,
      'an alternative name of 16,000 values that are no UTF-8',
      CERTIFICATE,
      certificateOf(directoriesNotUtf8(1, 16_000)),
    ),
    accepted('15 alternative names of 1,000 values that are no UTF-8', certificateOf(directoriesNotUtf8(15, 1000))),
    accepted('8,000 alternative names of one value that is no UTF-8', certificateOf(directoriesNotUtf8(8000, 1))),
    accepted('9,000 types of the longest arcs', certificateOf(longTypes(9000))),
  ];
}

/** Keys with which OpenSSL computes for as long as it can be made to. */
export function keyAttacks(sound: string): Attack[] {
  const certificateOf = (text: string) => (name: string) => pair(name, text);
  const keyOf = (text: string) => (name: string) => pair(name, sound, text);
  const curve = (bits: number) => generatePrimeSync(bits, { bigint: true });
  return [
    accepted('a signature of RSA with 16,384 bits', certificateOf(rsaCertificate(16_384, (1n << 64n) - 1n))),
    accepted('a signature of RSA with a huge exponent', certificateOf(rsaCertificate(3072, oddNumber(3071)))),
    accepted('an RSA modulus of 4,000,000 bits', certificateOf(rsaCertificate(2_000_000, 65_537n))),
    accepted('a signature of DSA with 10,000 bits', certificateOf(dsaCertificate(LARGEST_PRIME_BITS))),
    accepted('a curve of its own over 661 bits', certificateOf(explicitCurveCertificate(curve(LARGEST_FIELD_BITS)))),
    accepted('a curve of its own over no field', certificateOf(explicitCurveCertificate(oddNumber(660)))),
    accepted('a curve of its own over 100,000 bits', certificateOf(explicitCurveCertificate(oddNumber(100_000)))),
    accepted('an RSA key of 16,384 bits', keyOf(rsaKey(16_000, 384))),
    beyond(
      '16384 bits in a number of its RSA key',
      'an RSA key of 20,000 bits',
      ['key_data'],
      keyOf(rsaKey(19_600, 400)),
    ),
    refused('an RSA key of one long factor that is no prime', 'key_data', keyOf(rsaKey(3968, 128))),
    accepted('a DSA key of 10,000 bits', keyOf(dsaKey(LARGEST_PRIME_BITS, 1024))),
    accepted('a DSA key of 1,000,000 bits', keyOf(dsaKey(1_000_000, 1024))),
    accepted('a DH key of 3,072 bits', keyOf(dhKey(BigInt(`0x${getDiffieHellman('modp15').getPrime('hex')}`)))),
    beyond(
      '10000 bits in the prime of its DH key',
      'a DH key of 100,000 bits',
      ['key_data'],
      keyOf(dhKey(oddNumber(100_000))),
    ),
  ];
}

/** Bodies that are dear to read, whatever they mean. */
export function jsonAttacks(sound: string): Attack[] {
  const beside = (member: string) => (name: string) =>
    raw(`{"name":${JSON.stringify(name)},"certificate_data":${JSON.stringify(sound)},"more":${member}}`);
  const list = (member: string) => `[${member.repeat(Math.floor(1_000_000 / member.length))}0]`;
  const members = Array.from({ length: 100_000 }, (_, index) => `"${index.toString(36)}":0`).join();
  const arrays = `${'['.repeat(500)}${']'.repeat(500)},`;
  return [
    refused('JSON nested 100,000 deep', 'detail', () => raw(`{"name":${'['.repeat(100_000)}`)),
    refused('a body of 100,000 members', 'certificate_data', () => raw(`{"name":"x",${members}}`)),
    accepted('a list of 500,000 numbers', beside(list('0,'))),
    accepted('a list of 250,000 fractions', beside(list('1.5,'))),
    accepted('a list of 333,000 negative numbers', beside(list('-1,'))),
    accepted('a list of 200,000 tiny fractions', beside(list('1e-5,'))),
    accepted('a list of 250,000 lists', beside(list('[0],'))),
    accepted('a list of 333,000 strings', beside(list('"",'))),
    accepted('a list of 333,000 empty objects', beside(list('{},'))),
    accepted('lists nested 500 deep, 1,000 times', beside(list(arrays))),
    accepted('a string of escapes', beside(JSON.stringify(filled('\n', { beside: sound })))),
    refused('a string of escapes, the last of them none', 'detail', () =>
      raw(`{"name":"${'\\n'.repeat(500_000)}\\x"}`),
    ),
    refused('an algorithm that is a list of 500,000', 'alg', () =>
      raw(`{"common_name":"x","validity_days":1,"alg":${list('0,')}}`, 'generate/'),
    ),
    refused('a name of 1 MB', 'name', () => pair('n'.repeat(1_000_000), sound)),
    refused('a name of blanks', 'name', () => pair(' '.repeat(1_000_000), sound)),
    refused('100,000 names to generate for', 'subject_alt_name', (name) =>
      generation(name, { subject_alt_name: 'a.example,'.repeat(100_000) }),
    ),
    refused('a list of commas to generate for', 'subject_alt_name', (name) =>
      generation(name, { subject_alt_name: filled(' a,') }),
    ),
    accepted(
      '10,000 names to generate for',
      (name) => generation(name, { subject_alt_name: 'a.example,'.repeat(10_000) }),
      200,
    ),
    refused('a name that fits into no certificate to generate for', 'subject_alt_name', (name) =>
      generation(name, { subject_alt_name: 'a'.repeat(1_046_000) }),
    ),
    accepted(
      'a name of a megabyte to generate for',
      (name) => generation(name, { subject_alt_name: 'a'.repeat(700_000) }),
      200,
    ),
  ];
}

/** Heads of requests that are dear to read. */
export function headAttacks(): Attack[] {
  const terms = Array.from({ length: 500 }, (_, index) => (index + 1000).toString(36)).join('+');
  const braces = `x${'{'.repeat(14_000)}x/`;
  return [
    accepted('a search of quotes left open', () => query(`?search=${'%22'.repeat(2048)}`), 200),
    accepted('a search for 500 words', () => query(`?search=${terms}`), 200),
    accepted('a search that nearly matches everywhere', () => query(`?search=${'a'.repeat(1000)}b`), 200),
    refused('a search of 10,000 characters', 'search', () => query(`?search=${'a'.repeat(10_000)}`)),
    accepted('5,000 query parameters', () => query(`?${'a&'.repeat(5000)}`), 200),
    refused('5,000 query parameters with values', 'detail', () => query(`?${'key_type=rsa&'.repeat(5000)}`), 431),
    accepted('an order of 3,000 fields', () => query(`?ordering=${'name,-pk,'.repeat(1500)}`), 200),
    refused('an id of braces', 'detail', () => query(braces), 404),
    refused('an Accept header of 5,000 types', 'detail', () => query('', { accept: 'a/b,'.repeat(3500) }), 406),
  ];
}

/** Bodies larger than the default limit lets in. */
export function largeAttacks(sound: string): Attack[] {
  const size = 10_000_000;
  const certificateOf = (text: string) => (name: string) => pair(name, text);
  return [
    beyond(BYTES, '10 MB of PEM that is none', CERTIFICATE, certificateOf(pem('CERTIFICATE', Buffer.alloc(7_000_000)))),
    beyond(BLOCKS, '10 MB of certificates', CERTIFICATE, certificateOf(filled(sound, { size }))),
    beyond(BLOCKS, '10 MB of empty blocks', CERTIFICATE, certificateOf(sound + filled(EMPTY_BLOCK, { size }))),
    beyond(BYTES, 'a name of 1,000,000 elements', CERTIFICATE, certificateOf(manyElements(1_000_000))),
    refused('a name of 10 MB', 'name', () => pair('n'.repeat(size), sound)),
  ];
}
