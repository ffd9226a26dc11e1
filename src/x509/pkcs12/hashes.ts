import { DerError } from '../der/error.ts';

/** A hash function, as itself and inside of HMAC. */
export interface Hash {
  /** As node:crypto calls it. */
  readonly name: string;
  readonly oid: string;
  /** Of HMAC with it (RFC 8018 §B.1.2). */
  readonly hmacOid: string;
  /** Of the digest. */
  readonly octets: number;
  /** Of the blocks it works on. */
  readonly blockOctets: number;
}

const SHA2 = '2.16.840.1.101.3.4.2';
const HMAC = '1.2.840.113549.2';

export const SHA1: Hash = { name: 'sha1', oid: '1.3.14.3.2.26', hmacOid: `${HMAC}.7`, octets: 20, blockOctets: 64 };
export const SHA256: Hash = { name: 'sha256', oid: `${SHA2}.1`, hmacOid: `${HMAC}.9`, octets: 32, blockOctets: 64 };

const HASHES: readonly Hash[] = [
  SHA1,
  SHA256,
  { name: 'sha224', oid: `${SHA2}.4`, hmacOid: `${HMAC}.8`, octets: 28, blockOctets: 64 },
  { name: 'sha384', oid: `${SHA2}.2`, hmacOid: `${HMAC}.10`, octets: 48, blockOctets: 128 },
  { name: 'sha512', oid: `${SHA2}.3`, hmacOid: `${HMAC}.11`, octets: 64, blockOctets: 128 },
  { name: 'sha512-224', oid: `${SHA2}.5`, hmacOid: `${HMAC}.12`, octets: 28, blockOctets: 128 },
  { name: 'sha512-256', oid: `${SHA2}.6`, hmacOid: `${HMAC}.13`, octets: 32, blockOctets: 128 },
];

/** The hash function of a dotted name. @throws DerError for another than SHA-1 and SHA-2. */
export function hashByOid(oid: string): Hash {
  return known(HASHES.find((hash) => hash.oid === oid));
}

/** The hash function inside of the HMAC of a dotted name. @throws DerError for another than SHA-1 and SHA-2. */
export function hashByHmacOid(oid: string): Hash {
  return known(HASHES.find((hash) => hash.hmacOid === oid));
}

function known(hash: Hash | undefined): Hash {
  if (hash === undefined) throw new DerError('an unsupported hash function');
  return hash;
}
