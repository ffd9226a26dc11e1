import { DerError } from '../der/error.ts';
import { parseDer } from '../der/reader.ts';
import { Tag } from '../der/tags.ts';
import { writePem } from '../pem.ts';
import { LABELS, type PrivateKeyForm } from '../private-key-block.ts';
import { readPrivateKey } from '../private-key-readers.ts';
import type { LoadedPrivateKey } from '../private-key-structure.ts';
import { readingPrivateKey } from '../reading-private-key.ts';

/** A version and eight numbers of RSA; OpenSSL's format for DSA has six INTEGERs. */
const PKCS1_MEMBERS = 9;

/**
 * Loads a private key from its DER, with the checks of `loadPrivateKey`. What it is, its structure tells: PKCS#8 (RFC 5208 §5), PKCS#1
 * (RFC 8017 §A.1.2), SEC 1 with its curve (RFC 5915 §3) or OpenSSL's DSA format.
 * @param der the whole key, with nothing after it
 * @throws NotAPrivateKey, also for an encrypted key; BeyondLimits
 * @example
 * const der = exportPrivateKey(privateKeyPem, { format: 'sec1', encoding: 'der' });
 * loadPrivateKeyDer(der).keyType; // → 'ec'
 */
export function loadPrivateKeyDer(der: Buffer): LoadedPrivateKey {
  return readingPrivateKey(() => readPrivateKey(formOf(der), der));
}

/**
 * Writes a private key in DER as PEM, under the label of its structure (RFC 7468 §10, and those of PKCS#1, SEC 1 and OpenSSL's DSA format),
 * with the checks of `loadPrivateKeyDer`: what all functions take that ask for a key's text.
 * @param der the whole key, with nothing after it
 * @returns PEM with a trailing newline
 * @throws NotAPrivateKey, also for an encrypted key; BeyondLimits
 * @example
 * const der = exportPrivateKey(privateKeyPem, { format: 'pkcs8', encoding: 'der' });
 * writePrivateKey(der) === privateKeyPem; // → true
 */
export function writePrivateKey(der: Buffer): string {
  return readingPrivateKey(() => {
    const form = formOf(der);
    readPrivateKey(form, der);
    return writePem(LABELS[form], der);
  });
}

/**
 * What the outermost structure of a private key says it is.
 * @throws DerError
 */
export function formOf(der: Buffer): PrivateKeyForm {
  const [first, second, ...others] = parseDer(der, (reader) =>
    reader.enter(Tag.Sequence, (inner) => {
      const tags: number[] = [];
      while (!inner.done) tags.push(inner.read().tag);
      return tags;
    }),
  );
  if (first === Tag.Sequence && second === Tag.OctetString) return 'encrypted';
  if (first !== Tag.Integer) throw new DerError('not the structure of a private key');
  if (second === Tag.Sequence) return 'pkcs8';
  if (second === Tag.OctetString) return 'sec1';
  return others.length + 2 >= PKCS1_MEMBERS ? 'pkcs1' : 'dsa';
}
