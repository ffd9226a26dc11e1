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
} as const;

export type Limit = keyof typeof LIMITS;
