import { createHash } from 'node:crypto';
import { WrongPassphrase } from '../errors.ts';
import { spansOneSequence } from '../pkcs12/ber.ts';
import { type BlockCipher, decryptBlocks } from '../pkcs12/block-ciphers.ts';
import { encodePassphrase } from '../pkcs12/passphrase.ts';
import { findHeader } from '../private-key-block.ts';
import { KeyError } from '../private-key-structure.ts';

/** By the name in DEK-Info. Single DES, which RFC 1423 itself has, is too weak for OpenSSL 3 to come with. */
const CIPHERS: ReadonlyMap<string, { cipher: BlockCipher; keyLength: number; ivLength: number }> = new Map([
  ['DES-EDE3-CBC', { cipher: 'des-ede3-cbc', keyLength: 24, ivLength: 8 }],
  ['AES-128-CBC', { cipher: 'aes-128-cbc', keyLength: 16, ivLength: 16 }],
  ['AES-192-CBC', { cipher: 'aes-192-cbc', keyLength: 24, ivLength: 16 }],
  ['AES-256-CBC', { cipher: 'aes-256-cbc', keyLength: 32, ivLength: 16 }],
]);

const SALT_LENGTH = 8;

/** Whether RFC 1421's headers say that the block is encrypted (§4.6.1.1). */
export function isRfc1421Encrypted(headers: readonly string[]): boolean {
  return findHeader(headers, 'Proc-Type') !== null;
}

/**
 * Decrypts a private key in OpenSSL's manner of RFC 1421: `Proc-Type: 4,ENCRYPTED` and `DEK-Info: <cipher>,<hex of the
 * initialization vector>`, the key by one round of MD5 over passphrase (UTF-8) and salt.
 * @returns what was encrypted: one SEQUENCE
 * @throws KeyError for other headers and ciphers; WrongPassphrase; BeyondLimits
 */
export function decryptRfc1421(der: Buffer, headers: readonly string[], passphrase: string): Buffer {
  if (!/^4\s*,\s*ENCRYPTED$/.test(findHeader(headers, 'Proc-Type') ?? ''))
    throw new KeyError('an unsupported Proc-Type');
  const [name = '', digits = ''] = (findHeader(headers, 'DEK-Info') ?? '').split(',', 2);
  const scheme = CIPHERS.get(name.trim().toUpperCase());
  if (scheme === undefined) throw new KeyError('an unsupported cipher in DEK-Info');
  const iv = Buffer.from(digits.trim(), 'hex');
  if (iv.length !== scheme.ivLength || digits.trim().length !== 2 * iv.length) {
    throw new KeyError('a malformed initialization vector in DEK-Info');
  }
  const key = deriveKey(encodePassphrase(passphrase).utf8, iv.subarray(0, SALT_LENGTH), scheme.keyLength);
  const plaintext = decryptBlocks(scheme.cipher, key, iv, der);
  // Under a wrong key the padding is good once in 256 times.
  if (plaintext === null || !spansOneSequence(plaintext)) throw new WrongPassphrase('the private key does not open');
  return plaintext;
}

/** OpenSSL's EVP_BytesToKey, of which PBKDF1 (RFC 8018 §5.1) with MD5 and one iteration is the first block. */
function deriveKey(passphrase: Buffer, salt: Buffer, length: number): Buffer {
  let block = Buffer.alloc(0);
  let key = block;
  while (key.length < length) {
    block = createHash('md5').update(block).update(passphrase).update(salt).digest();
    key = Buffer.concat([key, block]);
  }
  return key.subarray(0, length);
}
