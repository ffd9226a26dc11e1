import { randomBytes } from 'node:crypto';
import { type DerValue, nullValue, objectIdentifier, octetString, sequence, unsignedInteger } from '../der/writer.ts';
import { encryptBlocks } from './block-ciphers.ts';
import { type Hash, SHA1, SHA256 } from './hashes.ts';
import { Pkcs12Oid } from './oids.ts';
import type { Passphrase } from './passphrase.ts';
import { derivePbkdf2Key } from './pbkdf2.ts';
import { derivePkcs12Key, Purpose } from './pkcs12-kdf.ts';

/** Something encrypted, and the AlgorithmIdentifier that says how. */
export interface Sealed {
  readonly algorithm: DerValue;
  readonly ciphertext: Buffer;
}

type Encrypt = (plaintext: Buffer, passphrase: Passphrase, iterations: number) => Sealed;

/** How one kind of file is written. */
export interface Profile {
  readonly encrypt: Encrypt;
  /** How many blocks are derived to encrypt something; each takes all iterations. */
  readonly blocks: number;
  /** Of the MAC. */
  readonly hash: Hash;
  readonly iterations: number;
}

export const PROFILES: Readonly<Record<'modern' | 'legacy', Profile>> = {
  /**
   * What OpenSSL 3, Java since 8u301 and Windows since Server 2019 read. 50 times OpenSSL's rounds, 10 times Java's, and within what
   * .NET 9 takes of one file (300,000 for each derivation, a million in all).
   */
  modern: { encrypt: encryptAes, blocks: 1, hash: SHA256, iterations: 100_000 },
  /** For readers before those. Java 8's number of rounds: of this derivation, each key takes three times as many. */
  legacy: { encrypt: encryptTripleDes, blocks: 3, hash: SHA1, iterations: 50_000 },
};

/** Longer than the 8 octets of RFC 8018 §4.1, and what NIST SP 800-132 §5.1 asks for. */
export const SALT_LENGTH = 16;

/** An iteration count. */
export function countValue(count: number): DerValue {
  const octets = Buffer.alloc(4);
  octets.writeUInt32BE(count);
  return unsignedInteger(octets);
}

/** PBES2 of PBKDF2 with HMAC-SHA-256 and AES-256-CBC (RFC 8018 §A.4). */
function encryptAes(plaintext: Buffer, { utf8 }: Passphrase, iterations: number): Sealed {
  const [salt, iv] = [randomBytes(SALT_LENGTH), randomBytes(16)];
  const key = derivePbkdf2Key({ salt, iterations, hash: SHA256 }, utf8, 32);
  const prf = sequence(objectIdentifier(SHA256.hmacOid), nullValue());
  const derivation = sequence(
    objectIdentifier(Pkcs12Oid.pbkdf2),
    sequence(octetString(salt), countValue(iterations), prf),
  );
  const cipher = sequence(objectIdentifier(Pkcs12Oid.aes256Cbc), octetString(iv));
  return {
    algorithm: sequence(objectIdentifier(Pkcs12Oid.pbes2), sequence(derivation, cipher)),
    ciphertext: encryptBlocks('aes-256-cbc', key, iv, plaintext),
  };
}

/** Triple DES with three keys (RFC 7292 Appendix C). */
function encryptTripleDes(plaintext: Buffer, passphrase: Passphrase, iterations: number): Sealed {
  const kdf = { hash: SHA1, salt: randomBytes(SALT_LENGTH), iterations };
  const [bmp = Buffer.alloc(0)] = passphrase.bmp;
  const key = derivePkcs12Key(kdf, bmp, Purpose.encryptionKey, 24);
  const iv = derivePkcs12Key(kdf, bmp, Purpose.initializationVector, 8);
  const parameters = sequence(octetString(kdf.salt), countValue(iterations));
  return {
    algorithm: sequence(objectIdentifier(Pkcs12Oid.pbeWithShaAnd3KeyTripleDesCbc), parameters),
    ciphertext: encryptBlocks('des-ede3-cbc', key, iv, plaintext),
  };
}
