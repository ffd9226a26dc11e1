import { parseDer } from '../der/reader.ts';
import { Tag } from '../der/tags.ts';
import { decryptBlocks, decryptRc2 } from './block-ciphers.ts';
import { SHA1 } from './hashes.ts';
import { Pkcs12Oid } from './oids.ts';
import type { Passphrase } from './passphrase.ts';
import type { PasswordEncryption } from './password-encryption.ts';
import { derivePkcs12Key, Purpose, pkcs12KdfRounds } from './pkcs12-kdf.ts';
import { readCount, readSalt } from './work-budget.ts';

interface Scheme {
  readonly keyLength: number;
  readonly decrypt: (key: Buffer, iv: Buffer, ciphertext: Buffer) => Buffer | null;
}

const decryptTripleDes: Scheme['decrypt'] = (key, iv, ciphertext) => decryptBlocks('des-ede3-cbc', key, iv, ciphertext);
/** The third key is the first one. */
const decryptTwoKeyTripleDes: Scheme['decrypt'] = (key, iv, ciphertext) =>
  decryptTripleDes(Buffer.concat([key, key.subarray(0, 8)]), iv, ciphertext);

/** RFC 7292 Appendix C, all with SHA-1. RC4 is left out: nobody is known to write it. */
const SCHEMES: ReadonlyMap<string, Scheme> = new Map([
  [Pkcs12Oid.pbeWithShaAnd3KeyTripleDesCbc, { keyLength: 24, decrypt: decryptTripleDes }],
  [Pkcs12Oid.pbeWithShaAnd2KeyTripleDesCbc, { keyLength: 16, decrypt: decryptTwoKeyTripleDes }],
  [Pkcs12Oid.pbeWithShaAnd128BitRc2Cbc, { keyLength: 16, decrypt: decryptRc2 }],
  [Pkcs12Oid.pbeWithShaAnd40BitRc2Cbc, { keyLength: 5, decrypt: decryptRc2 }],
]);

const IV_LENGTH = 8;

/** Reads pkcs-12PbeParams of the scheme `oid`; null if that is no scheme of Appendix C. @throws DerError, BeyondLimits */
export function readPbes1(oid: string, parameters: Buffer): PasswordEncryption | null {
  const scheme = SCHEMES.get(oid);
  if (scheme === undefined) return null;
  const { keyLength, decrypt } = scheme;
  const kdf = parseDer(parameters, (reader) =>
    reader.enter(Tag.Sequence, (inner) => ({ hash: SHA1, salt: readSalt(inner), iterations: readCount(inner) })),
  );
  const rounds = pkcs12KdfRounds(kdf, keyLength) + pkcs12KdfRounds(kdf, IV_LENGTH);
  return {
    rounds: ({ bmp }: Passphrase) => rounds * bmp.length,
    *decrypt(ciphertext: Buffer, { bmp }: Passphrase) {
      for (const passphrase of bmp) {
        const key = derivePkcs12Key(kdf, passphrase, Purpose.encryptionKey, keyLength);
        const iv = derivePkcs12Key(kdf, passphrase, Purpose.initializationVector, IV_LENGTH);
        yield decrypt(key, iv, ciphertext);
      }
    },
  };
}
