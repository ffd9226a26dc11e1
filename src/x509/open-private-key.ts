import { createPrivateKey, type KeyObject } from 'node:crypto';
import { readAlgorithmIdentifier } from './algorithm-identifier.ts';
import { readSmall } from './der/integer.ts';
import { parseDer } from './der/reader.ts';
import { Tag } from './der/tags.ts';
import { copiedSequence, encodeDer, octetString, sequence, smallInteger } from './der/writer.ts';
import { NotAPrivateKey } from './errors.ts';
import { Oid } from './oids.ts';
import { writePem } from './pem.ts';
import { loadPrivateKey } from './private-key.ts';
import { findPrivateKeyBlock, LABELS, type PrivateKeyBlock } from './private-key-block.ts';
import type { LoadedPrivateKey } from './private-key-structure.ts';

/**
 * Opens the first private key of a PEM text, as `loadPrivateKey` finds and checks it (contract §1.3), for signing. An RSASSA-PSS key
 * becomes a plain RSA key, as in pyca: it signs either way.
 *
 * @param text PEM, unencrypted: PKCS#8 (RFC 5208 §5), PKCS#1 (RFC 8017 §A.1.2), SEC 1 (RFC 5915 §3) or OpenSSL's DSA format
 * @throws NotAPrivateKey as `loadPrivateKey`, and for a key that node:crypto can't hold: ML-DSA, ML-KEM, DH, numbers that OpenSSL refuses
 * or takes long for;
 * BeyondLimits
 * @example
 * openPrivateKey(privateKeyPem).asymmetricKeyType; // → 'ec'
 * openPrivateKey(privateKeyPem).asymmetricKeyDetails.namedCurve; // → 'prime256v1'
 */
export function openPrivateKey(text: string): KeyObject {
  return openLoaded(text).key;
}

/**
 * As `openPrivateKey`, with what `loadPrivateKey` says of the key: to load one twice takes twice the time.
 * @throws NotAPrivateKey, BeyondLimits
 */
export function openLoaded(text: string): { readonly key: KeyObject; readonly loaded: LoadedPrivateKey } {
  const loaded = loadPrivateKey(text);
  // DH is never computed with, and OpenSSL would find the public value of a DSA or DH key of any size, whatever time that takes.
  if (loaded.publicKeyDigest === null) throw new NotAPrivateKey('OpenSSL can not hold the private key');
  return { key: createKeyObject(findPrivateKeyBlock(text)), loaded };
}

function createKeyObject({ form, der }: PrivateKeyBlock): KeyObject {
  try {
    return createPrivateKey(form === 'pkcs8' ? plainPkcs8(der) : writePem(LABELS[form], der));
  } catch {
    // Without OpenSSL's error as its cause: nothing says that it never quotes the key.
    throw new NotAPrivateKey('OpenSSL can not hold the private key');
  }
}

/** PKCS#8 without attributes, which OpenSSL has no use for, and RSASSA-PSS as the PKCS#1 inside: its parameters would restrict it. */
function plainPkcs8(der: Buffer): string {
  const { algorithm, encoded, key } = parseDer(der, (reader) => {
    const inner = reader.inside(reader.expect(Tag.Sequence));
    readSmall(inner, 8);
    const rest = inner.rest();
    const algorithm = readAlgorithmIdentifier(inner);
    const encoded = rest.subarray(0, rest.length - inner.rest().length);
    return { algorithm, encoded, key: inner.expect(Tag.OctetString).content };
  });
  if (algorithm.oid === Oid.rsassaPss) return writePem(LABELS.pkcs1, key);
  return writePem(LABELS.pkcs8, encodeDer(sequence(smallInteger(0), copiedSequence(encoded), octetString(key))));
}
