import { createPublicKey, type KeyObject, verify } from 'node:crypto';
import type { AlgorithmIdentifier } from '../algorithm-identifier.ts';
import type { SubjectPublicKeyInfo } from '../certificate-structure.ts';
import { bitString, copiedSequence, encodeDer, objectIdentifier, sequence } from '../der/writer.ts';
import { Oid } from '../oids.ts';
import { loadPublicKey } from '../public-key.ts';

const RSA = '1.2.840.113549.1.1';
const ECDSA = '1.2.840.10045.4';
const NIST = '2.16.840.1.101.3.4.3';

/** What kind of key makes signatures of an algorithm, and by which digest; Ed25519 and Ed448 have their own. */
interface Scheme {
  readonly keyType: string;
  readonly digest: string | null;
}

const scheme = (keyType: string, digest: string | null): Scheme => ({ keyType, digest });

/** RFC 3279 §2.2, RFC 4055 §5, RFC 5758 §3, RFC 8410 §3, RFC 8702, and NIST's registry for SHA-3. */
const SCHEMES: ReadonlyMap<string, Scheme> = new Map([
  [`${RSA}.4`, scheme('rsa', 'md5')],
  [`${RSA}.5`, scheme('rsa', 'sha1')],
  [`${RSA}.11`, scheme('rsa', 'sha256')],
  [`${RSA}.12`, scheme('rsa', 'sha384')],
  [`${RSA}.13`, scheme('rsa', 'sha512')],
  [`${RSA}.14`, scheme('rsa', 'sha224')],
  [`${RSA}.15`, scheme('rsa', 'sha512-224')],
  [`${RSA}.16`, scheme('rsa', 'sha512-256')],
  [`${ECDSA}.1`, scheme('ec', 'sha1')],
  [`${ECDSA}.3.1`, scheme('ec', 'sha224')],
  [`${ECDSA}.3.2`, scheme('ec', 'sha256')],
  [`${ECDSA}.3.3`, scheme('ec', 'sha384')],
  [`${ECDSA}.3.4`, scheme('ec', 'sha512')],
  ['1.2.840.10040.4.3', scheme('dsa', 'sha1')],
  [`${NIST}.1`, scheme('dsa', 'sha224')],
  [`${NIST}.2`, scheme('dsa', 'sha256')],
  [`${NIST}.3`, scheme('dsa', 'sha384')],
  [`${NIST}.4`, scheme('dsa', 'sha512')],
  [`${NIST}.9`, scheme('ec', 'sha3-224')],
  [`${NIST}.10`, scheme('ec', 'sha3-256')],
  [`${NIST}.11`, scheme('ec', 'sha3-384')],
  [`${NIST}.12`, scheme('ec', 'sha3-512')],
  [`${NIST}.13`, scheme('rsa', 'sha3-224')],
  [`${NIST}.14`, scheme('rsa', 'sha3-256')],
  [`${NIST}.15`, scheme('rsa', 'sha3-384')],
  [`${NIST}.16`, scheme('rsa', 'sha3-512')],
  [Oid.ed25519, scheme('ed25519', null)],
  [Oid.ed448, scheme('ed448', null)],
]);

/**
 * Whether a signature over these octets verifies with this key. False also for algorithms and keys that OpenSSL doesn't know.
 * @param signature the octets of the BIT STRING: of ECDSA and DSA as DER (RFC 3279 §2.2.2, §2.2.3)
 */
export function isSignedBy(
  octets: Buffer,
  signature: Buffer,
  algorithm: AlgorithmIdentifier,
  publicKey: SubjectPublicKeyInfo,
): boolean {
  const key = loadPublicKey(publicKey);
  if (key === null) return false;
  try {
    if (algorithm.oid === Oid.rsassaPss) return isSignedByPss(octets, signature, algorithm, publicKey);
    const wanted = SCHEMES.get(algorithm.oid);
    if (wanted === undefined || key.asymmetricKeyType !== wanted.keyType) return false;
    return verify(wanted.digest, octets, key, signature);
  } catch {
    // A digest that this OpenSSL lacks, a key too weak or too large for it, a point that is on no curve.
    return false;
  }
}

/** RFC 4055 §3.1. The parameters are made those of the key, so that OpenSSL reads them and holds the signature to each. */
function isSignedByPss(
  octets: Buffer,
  signature: Buffer,
  { parameters }: AlgorithmIdentifier,
  { algorithm, key }: SubjectPublicKeyInfo,
): boolean {
  if (algorithm.oid !== Oid.rsaEncryption && algorithm.oid !== Oid.rsassaPss) return false;
  const restricted = loadPssKey(key, parameters);
  const { hashAlgorithm, saltLength } = restricted.asymmetricKeyDetails ?? {};
  if (hashAlgorithm === undefined || saltLength === undefined) return false;
  return verify(hashAlgorithm, octets, { key: restricted, saltLength }, signature);
}

function loadPssKey(key: Buffer, parameters: Buffer): KeyObject {
  const algorithm = sequence(objectIdentifier(Oid.rsassaPss), copiedSequence(parameters));
  return createPublicKey({ key: encodeDer(sequence(algorithm, bitString(key))), format: 'der', type: 'spki' });
}
