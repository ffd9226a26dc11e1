import { DerError } from '../der/error.ts';
import type { DerReader } from '../der/reader.ts';
import { WrongPassphrase } from '../errors.ts';
import { readAlgorithm } from './algorithm.ts';
import { spansOneSequence } from './ber.ts';
import { Pkcs12Oid } from './oids.ts';
import type { Passphrase } from './passphrase.ts';
import { readPbes1 } from './pbes1.ts';
import { readPbes2 } from './pbes2.ts';
import type { WorkBudget } from './work-budget.ts';

/** An encryption scheme with its parameters, read and not yet run. */
export interface PasswordEncryption {
  /** How many rounds of key derivation it takes, at the most, to decrypt with this passphrase. */
  readonly rounds: (passphrase: Passphrase) => number;
  /** What comes out, for each of the passphrase's forms; null where the padding is wrong. */
  readonly decrypt: (ciphertext: Buffer, passphrase: Passphrase) => Iterable<Buffer | null>;
}

/** What one file is read with. */
export interface Opening {
  readonly passphrase: Passphrase;
  readonly work: WorkBudget;
}

/** Reads the AlgorithmIdentifier of an encryption and counts its rounds. @throws DerError, BeyondLimits */
export function readPasswordEncryption(reader: DerReader, { passphrase, work }: Opening): PasswordEncryption {
  const { oid, parameters } = readAlgorithm(reader);
  const encryption = oid === Pkcs12Oid.pbes2 ? readPbes2(parameters) : readPbes1(oid, parameters);
  if (encryption === null) throw new DerError('an unsupported encryption algorithm');
  work.charge(encryption.rounds(passphrase));
  return encryption;
}

/** Something encrypted, to be opened where it is needed. */
export interface Encrypted {
  readonly encryption: PasswordEncryption;
  readonly ciphertext: Buffer;
}

/**
 * Decrypts what is to be one SEQUENCE in BER. A wrong key leaves a good padding once in 256 times, hardly ever that too.
 * @throws WrongPassphrase
 */
export function decryptSequence({ encryption, ciphertext }: Encrypted, passphrase: Passphrase): Buffer {
  for (const plaintext of encryption.decrypt(ciphertext, passphrase)) {
    if (plaintext !== null && spansOneSequence(plaintext)) return plaintext;
  }
  throw new WrongPassphrase('what is encrypted does not open');
}
