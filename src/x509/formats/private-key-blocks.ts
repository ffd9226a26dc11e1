import { findPem } from '../pem.ts';
import { findPrivateKeyBlock } from '../private-key-block.ts';
import { readingPrivateKey } from '../reading-private-key.ts';
import { formOf } from './private-key-der.ts';
import { isRfc1421Encrypted } from './rfc1421-encryption.ts';

/**
 * The private key blocks of a text and nothing else of it, as they stand: those of whatever label that ends with PRIVATE KEY, also of
 * formats that are not read here, so that none is passed over in silence.
 * @param text anything; where it is PEM (RFC 7468), its blocks are found
 * @returns one PEM block each, in the order of the text
 * @throws BeyondLimits PEM_BLOCKS
 * @example
 * privateKeyBlocks(certificatePem + privateKeyPem).length; // → 1
 */
export function privateKeyBlocks(text: string): string[] {
  return findPem(text)
    .filter(({ label }) => /(?:^| )PRIVATE KEY$/.test(label))
    .map(({ start, end }) => `${text.slice(start, end)}\n`);
}

/**
 * Whether a private key needs a passphrase to be read: EncryptedPrivateKeyInfo (PKCS#8, RFC 5208 §6), or a PEM block under the headers of
 * RFC 1421.
 * @param key PEM, whose first private key counts, or DER
 * @throws NotAPrivateKey where there is none, or nothing that looks like one; BeyondLimits
 * @example
 * isEncryptedPrivateKey(privateKeyPem); // → false
 * isEncryptedPrivateKey(exportPrivateKey(privateKeyPem, { format: 'pkcs8', encoding: 'der', passphrase: 'secret' })); // → true
 */
export function isEncryptedPrivateKey(key: string | Buffer): boolean {
  return readingPrivateKey(() => {
    if (typeof key !== 'string') return formOf(key) === 'encrypted';
    const { form, headers } = findPrivateKeyBlock(key);
    return form === 'encrypted' || isRfc1421Encrypted(headers);
  });
}
