import type { AlgorithmIdentifier } from '../algorithm-identifier.ts';
import { DerError } from '../der/error.ts';
import { parseDer } from '../der/reader.ts';
import { Tag } from '../der/tags.ts';
import { readAlgorithm } from './algorithm.ts';
import { type BlockCipher, decryptBlocks } from './block-ciphers.ts';
import { Pkcs12Oid } from './oids.ts';
import type { PasswordEncryption } from './password-encryption.ts';
import { derivePbkdf2Key, pbkdf2Rounds, readPbkdf2 } from './pbkdf2.ts';
import { deriveScryptKey, readScrypt, scryptRounds } from './scrypt.ts';

const CIPHERS: ReadonlyMap<string, { name: BlockCipher; keyLength: number; ivLength: number }> = new Map([
  [Pkcs12Oid.aes128Cbc, { name: 'aes-128-cbc', keyLength: 16, ivLength: 16 }],
  [Pkcs12Oid.aes192Cbc, { name: 'aes-192-cbc', keyLength: 24, ivLength: 16 }],
  [Pkcs12Oid.aes256Cbc, { name: 'aes-256-cbc', keyLength: 32, ivLength: 16 }],
  [Pkcs12Oid.desEde3Cbc, { name: 'des-ede3-cbc', keyLength: 24, ivLength: 8 }],
]);

/** Reads encoded PBES2-params (RFC 8018 §A.4). @throws DerError, BeyondLimits */
export function readPbes2(parameters: Buffer): PasswordEncryption {
  const [derivation, encryption] = parseDer(parameters, (reader) =>
    reader.enter(Tag.Sequence, (inner) => [readAlgorithm(inner), readAlgorithm(inner)] as const),
  );
  const cipher = CIPHERS.get(encryption.oid);
  if (cipher === undefined) throw new DerError('an unsupported cipher');
  const { name, keyLength, ivLength } = cipher;
  const iv = parseDer(encryption.parameters, (reader) => reader.expect(Tag.OctetString).content);
  if (iv.length !== ivLength) throw new DerError('an initialization vector of the wrong length');
  const { rounds, derive } = readDerivation(derivation, keyLength);
  return {
    rounds: () => rounds,
    *decrypt(ciphertext, { utf8 }) {
      yield decryptBlocks(name, derive(utf8), iv, ciphertext);
    },
  };
}

interface Derivation {
  readonly rounds: number;
  readonly derive: (utf8: Buffer) => Buffer;
}

function readDerivation({ oid, parameters }: AlgorithmIdentifier, length: number): Derivation {
  switch (oid) {
    case Pkcs12Oid.pbkdf2: {
      const pbkdf2 = readPbkdf2(parameters);
      checkLength(pbkdf2.keyLength, length);
      return { rounds: pbkdf2Rounds(pbkdf2, length), derive: (utf8) => derivePbkdf2Key(pbkdf2, utf8, length) };
    }
    case Pkcs12Oid.scrypt: {
      const scrypt = readScrypt(parameters);
      checkLength(scrypt.keyLength, length);
      return { rounds: scryptRounds(scrypt), derive: (utf8) => deriveScryptKey(scrypt, utf8, length) };
    }
    default:
      throw new DerError('an unsupported key derivation');
  }
}

function checkLength(stated: number | null, needed: number): void {
  if (stated !== null && stated !== needed) throw new DerError('a key length that the cipher does not have');
}
