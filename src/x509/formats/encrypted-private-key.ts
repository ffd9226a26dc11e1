import { parseDer } from '../der/reader.ts';
import { Tag } from '../der/tags.ts';
import { encodeDer, octetString, sequence } from '../der/writer.ts';
import { CannotExport } from '../errors.ts';
import { LIMITS } from '../limits.ts';
import { encodePassphrase } from '../pkcs12/passphrase.ts';
import { decryptSequence, readPasswordEncryption } from '../pkcs12/password-encryption.ts';
import { WorkBudget } from '../pkcs12/work-budget.ts';
import { PROFILES } from '../pkcs12/write-encryption.ts';

/** OWASP's for PBKDF2 with HMAC-SHA-256. A key on its own is opened once, by a person, not by a server at each start like a PKCS#12. */
const ITERATIONS = 600_000;

/**
 * Encrypts PrivateKeyInfo: EncryptedPrivateKeyInfo (RFC 5208 §6), see `exportPrivateKey`.
 * @returns DER
 * @throws CannotExport for a passphrase that is empty, not Unicode or too long
 */
export function encryptPkcs8(pkcs8: Buffer, passphrase: string): Buffer {
  if (passphrase === '') throw new CannotExport('an empty passphrase protects nothing');
  if (passphrase.length > LIMITS.PASSPHRASE_CHARACTERS || /\p{Surrogate}/u.test(passphrase)) {
    throw new CannotExport('the passphrase is too long or not well-formed Unicode');
  }
  const { algorithm, ciphertext } = PROFILES.modern.encrypt(pkcs8, encodePassphrase(passphrase), ITERATIONS);
  return encodeDer(sequence(algorithm, octetString(ciphertext)));
}

/**
 * Decrypts EncryptedPrivateKeyInfo: PBES2 with PBKDF2 or scrypt, AES or triple DES (RFC 8018 §6.2), and the schemes of PKCS#12
 * (RFC 7292 Appendix C).
 * @returns what was encrypted: one SEQUENCE
 * @throws DerError, also for other schemes; WrongPassphrase; BeyondLimits before any round is run
 */
export function decryptPkcs8(der: Buffer, passphrase: string): Buffer {
  const opening = { passphrase: encodePassphrase(passphrase), work: new WorkBudget() };
  const encrypted = parseDer(der, (reader) =>
    reader.enter(Tag.Sequence, (inner) => ({
      encryption: readPasswordEncryption(inner, opening),
      ciphertext: inner.expect(Tag.OctetString).content,
    })),
  );
  return decryptSequence(encrypted, opening.passphrase);
}
