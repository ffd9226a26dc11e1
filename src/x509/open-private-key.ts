import { createPrivateKey, type KeyObject } from 'node:crypto';
import { readAlgorithmIdentifier } from './algorithm-identifier.ts';
import { readSmall } from './der/integer.ts';
import { parseDer } from './der/reader.ts';
import { Tag } from './der/tags.ts';
import { copiedSequence, encodeDer, octetString, sequence, smallInteger } from './der/writer.ts';
import { NotAPrivateKey } from './errors.ts';
import { Oid } from './oids.ts';
import { type PemBlock, readPem, writePem } from './pem.ts';
import { loadPrivateKey } from './private-key.ts';
import { stripAsPython } from './white-space.ts';

const PKCS8 = 'PRIVATE KEY';
const LABELS: ReadonlySet<string> = new Set([PKCS8, 'RSA PRIVATE KEY', 'EC PRIVATE KEY', 'DSA PRIVATE KEY']);

/**
 * Opens the first private key of a PEM text, as `loadPrivateKey` finds and checks it (contract §1.3), for signing. An RSASSA-PSS key
 * becomes a plain RSA key, as in pyca: it signs either way.
 *
 * @param text PEM, unencrypted: PKCS#8 (RFC 5208 §5), PKCS#1 (RFC 8017 §A.1.2), SEC 1 (RFC 5915 §3) or OpenSSL's DSA format
 * @throws NotAPrivateKey as `loadPrivateKey`, and for a key that node:crypto can't hold: ML-DSA, ML-KEM, numbers that OpenSSL refuses;
 * BeyondLimits
 * @example
 * openPrivateKey(privateKeyPem).asymmetricKeyType; // → 'ec'
 * openPrivateKey(privateKeyPem).asymmetricKeyDetails.namedCurve; // → 'prime256v1'
 */
export function openPrivateKey(text: string): KeyObject {
  loadPrivateKey(text);
  const blocks = readPem(text.split('\n').map(stripAsPython).join('\n'));
  const block = blocks.find(({ label }) => LABELS.has(label));
  if (block === undefined) throw new NotAPrivateKey('there is no private key block');
  return createKeyObject(block);
}

function createKeyObject({ label, der }: PemBlock): KeyObject {
  try {
    return createPrivateKey(label === PKCS8 ? plainPkcs8(der) : writePem(label, der));
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
  if (algorithm.oid === Oid.rsassaPss) return writePem('RSA PRIVATE KEY', key);
  return writePem(PKCS8, encodeDer(sequence(smallInteger(0), copiedSequence(encoded), octetString(key))));
}
