import { DER_LIMITS } from './der/limits.ts';

/**
 * How much of one text is interpreted (docs/decisions/0015). pyca/cryptography has no such limits; no certificate or key in the wild
 * comes near them.
 */
export const LIMITS = {
  /** In one text. Mozilla's whole root store has some 170. */
  PEM_BLOCKS: 256,
  ...DER_LIMITS,
  /** In the subjectAltName extension. Fewer than DER_ELEMENTS, since each is stored. */
  ALTERNATIVE_NAMES: 10_000,
  /** Of a subject, an issuer or a directory's alternative name as text: a hundred of them stand in one page of a list. */
  NAME_CHARACTERS: 16_384,
  /** OpenSSL computes with no larger modulus (OPENSSL_RSA_MAX_MODULUS_BITS); no sound key has a larger number in it. */
  RSA_BITS: 16_384,
  /** OpenSSL computes with no larger prime (OPENSSL_DH_MAX_MODULUS_BITS). */
  DH_BITS: 10_000,
  /** Of one text described beside each other (`describeChain`). */
  CHAIN_CERTIFICATES: 100,
  /** Of one text verified. */
  CHAIN_SIGNATURES: 10,
  /** In a worker thread, from when it begins with a task, in milliseconds. */
  WORK_MS: 10_000,
  /** Of a worker thread's heap. Buffers are outside of it: what bounds those are the limits above. */
  WORK_MEGABYTES: 128,
  /** Of a PKCS#12 file. */
  PKCS12_BYTES: 1 << 20,
  /** Of the passphrase of a PKCS#12 file, in UTF-16. */
  PASSPHRASE_CHARACTERS: 1024,
  /**
   * Rounds of key derivation over a whole PKCS#12 file, each block of a derived key counted. NSS claims a million for each of the MAC,
   * the certificates and the key; others stay below 500,000 in all.
   */
  PBE_ITERATIONS: 3_500_000,
  /** Everyone writes 8 to 64. */
  PBE_SALT_BYTES: 1024,
  /** What scrypt fills while it derives one key: with the usual N = 2^14 and r = 8 it is 16 MiB. */
  SCRYPT_BYTES: 32 << 20,
} as const;

export type Limit = keyof typeof LIMITS;

/** What each limit counts. */
const UNITS: Readonly<Record<Limit, string>> = {
  PEM_BLOCKS: 'PEM blocks',
  DER_BYTES: 'bytes in a PEM block',
  DER_ELEMENTS: 'ASN.1 elements',
  DER_DEPTH: 'nested ASN.1 elements',
  ALTERNATIVE_NAMES: 'subject alternative names',
  NAME_CHARACTERS: 'characters in a distinguished name',
  RSA_BITS: 'bits in a number of its RSA key',
  DH_BITS: 'bits in the prime of its DH key',
  CHAIN_CERTIFICATES: 'certificates',
  CHAIN_SIGNATURES: 'signatures',
  PKCS12_BYTES: 'bytes in a PKCS#12 file',
  PASSPHRASE_CHARACTERS: 'characters in a passphrase',
  PBE_ITERATIONS: 'rounds of key derivation',
  PBE_SALT_BYTES: 'bytes in a salt',
  SCRYPT_BYTES: 'bytes of memory for scrypt',
  WORK_MS: 'milliseconds of work',
  WORK_MEGABYTES: 'megabytes of work',
};

/**
 * A limit for people to read.
 * @example
 * wordLimit('PEM_BLOCKS'); // → '256 PEM blocks'
 */
export function wordLimit(limit: Limit): string {
  return `${LIMITS[limit]} ${UNITS[limit]}`;
}
