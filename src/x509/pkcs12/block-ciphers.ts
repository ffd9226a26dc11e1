import { createCipheriv, createDecipheriv } from 'node:crypto';
import rc2 from 'node-forge/lib/rc2.js';

/** The block ciphers of PKCS#12 files that node:crypto has, all in CBC mode. */
export type BlockCipher = 'aes-128-cbc' | 'aes-192-cbc' | 'aes-256-cbc' | 'des-ede3-cbc';

const RC2_BLOCK = 8;
/** node-forge's time grows with the square of what it decrypts at once: a megabyte takes it minutes. */
const RC2_PIECE = 32 * RC2_BLOCK;

/** Encrypts with the padding of RFC 8018 §6.1.1. */
export function encryptBlocks(cipher: BlockCipher, key: Buffer, iv: Buffer, plaintext: Buffer): Buffer {
  const encryption = createCipheriv(cipher, key, iv);
  return Buffer.concat([encryption.update(plaintext), encryption.final()]);
}

/** Decrypts; null where the octets are no whole blocks or the padding is wrong, as it mostly is under a wrong key. */
export function decryptBlocks(cipher: BlockCipher, key: Buffer, iv: Buffer, ciphertext: Buffer): Buffer | null {
  const decryption = createDecipheriv(cipher, key, iv);
  try {
    return Buffer.concat([decryption.update(ciphertext), decryption.final()]);
  } catch {
    return null;
  }
}

/** As {@link decryptBlocks} with RC2 in CBC mode (RFC 2268), all bits of the key effective. OpenSSL 3 has it only as a module. */
export function decryptRc2(key: Buffer, iv: Buffer, ciphertext: Buffer): Buffer | null {
  if (ciphertext.length === 0 || ciphertext.length % RC2_BLOCK !== 0) return null;
  const decryption = rc2.createDecryptionCipher(key.toString('latin1'), key.length * 8);
  const pieces: Buffer[] = [];
  let previous = iv;
  for (let start = 0; start < ciphertext.length; start += RC2_PIECE) {
    const piece = ciphertext.subarray(start, start + RC2_PIECE);
    decryption.start(previous.toString('latin1'));
    decryption.update({ getBytes: () => piece.toString('latin1') });
    pieces.push(Buffer.from(decryption.output.getBytes(), 'latin1'));
    // CBC: the next piece goes on from the last block of this one.
    previous = piece.subarray(piece.length - RC2_BLOCK);
  }
  // Not by forge's `finish`, which looks at the last octet of the padding only.
  return stripPadding(Buffer.concat(pieces));
}

function stripPadding(padded: Buffer): Buffer | null {
  const count = padded.readUInt8(padded.length - 1);
  if (count < 1 || count > RC2_BLOCK) return null;
  const end = padded.length - count;
  return padded.subarray(end).every((octet) => octet === count) ? padded.subarray(0, end) : null;
}
