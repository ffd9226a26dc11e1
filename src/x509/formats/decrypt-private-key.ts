import { writePem } from '../pem.ts';
import { loadPrivateKey } from '../private-key.ts';
import { findPrivateKeyBlock, LABELS } from '../private-key-block.ts';
import { KeyError } from '../private-key-structure.ts';
import { readingPrivateKey } from '../reading-private-key.ts';
import { decryptPkcs8 } from './encrypted-private-key.ts';
import { decryptRfc1421, isRfc1421Encrypted } from './rfc1421-encryption.ts';

/**
 * Decrypts the first private key of a PEM text, or one in DER: EncryptedPrivateKeyInfo (PKCS#8, RFC 5208 §6) by PBES2 or a scheme of
 * PKCS#12, or, in PEM, a PKCS#1, SEC 1 or DSA key under the headers of RFC 1421. How long it takes is the sender's choice, up to
 * LIMITS.PBE_ITERATIONS: run it in a worker.
 * @param key PEM text, or the DER of an EncryptedPrivateKeyInfo
 * @returns PEM of the plain key in the form that was encrypted; `loadPrivateKey` takes it
 * @throws WrongPassphrase, also where the key was damaged; NotAPrivateKey where it is not encrypted, the scheme is unsupported, or
 * no sound key was encrypted; BeyondLimits before any round is run
 * @example
 * const encrypted = exportPrivateKey(privateKeyPem, { format: 'pkcs8', encoding: 'pem', passphrase: 'secret' });
 * const plain = decryptPrivateKey(encrypted, 'secret');
 * loadPrivateKey(plain).keyType; // → 'ec'
 */
export function decryptPrivateKey(key: string | Buffer, passphrase: string): string {
  const plain = readingPrivateKey(() => decrypt(key, passphrase));
  loadPrivateKey(plain);
  return plain;
}

function decrypt(key: string | Buffer, passphrase: string): string {
  if (typeof key !== 'string') return writePem(LABELS.pkcs8, decryptPkcs8(key, passphrase));
  const { form, der, headers } = findPrivateKeyBlock(key);
  if (form === 'encrypted') return writePem(LABELS.pkcs8, decryptPkcs8(der, passphrase));
  if (!isRfc1421Encrypted(headers)) throw new KeyError('the private key is not encrypted');
  return writePem(LABELS[form], decryptRfc1421(der, headers, passphrase));
}
