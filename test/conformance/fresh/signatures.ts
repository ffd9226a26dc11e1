import { constants, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';

/** By the content of the algorithm's OID: the family of the keys that sign so, and the digest. */
const ALGORITHMS: Readonly<Record<string, Algorithm>> = {
  '2a864886f70d010104': { family: 'rsa', digest: 'md5' },
  '2a864886f70d010105': { family: 'rsa', digest: 'sha1' },
  '2a864886f70d01010a': { family: 'rsa', digest: 'sha256', padding: constants.RSA_PKCS1_PSS_PADDING },
  '2a864886f70d01010b': { family: 'rsa', digest: 'sha256' },
  '2a864886f70d01010c': { family: 'rsa', digest: 'sha384' },
  '2a864886f70d01010d': { family: 'rsa', digest: 'sha512' },
  '2a8648ce3d0401': { family: 'ec', digest: 'sha1' },
  '2a8648ce3d040302': { family: 'ec', digest: 'sha256' },
  '2a8648ce3d040303': { family: 'ec', digest: 'sha384' },
  '2a8648ce3d040304': { family: 'ec', digest: 'sha512' },
  '2a8648ce380403': { family: 'dsa', digest: 'sha1' },
  '608648016503040302': { family: 'dsa', digest: 'sha256' },
  '2b6570': { family: 'ed25519', digest: null },
  '2b6571': { family: 'ed448', digest: null },
};

interface Algorithm {
  readonly family: Family;
  readonly digest: string | null;
  readonly padding?: number;
}

type Family = 'rsa' | 'ec' | 'dsa' | 'ed25519' | 'ed448';

const ATTEMPTS = 20_000;

/**
 * Signs with the named algorithm until the signature has the recorded length.
 *
 * @param signer the fresh key of whoever signed; without one, or when it is of another family or size, a key that is thrown away signs
 * @returns random bytes for an algorithm that node:crypto doesn't know: whoever reads the certificate can't check it either
 */
export function signLike(oid: Buffer, message: Buffer, length: number, signer: KeyObject | undefined): Buffer {
  const algorithm = ALGORITHMS[oid.toString('hex')];
  if (algorithm === undefined) {
    return randomBytes(length);
  }
  const signs =
    signer?.asymmetricKeyType === algorithm.family ? untilLength(algorithm, message, length, signer) : undefined;
  const signature = signs ?? untilLength(algorithm, message, length, strangerOf(algorithm.family, length));
  if (signature === undefined) {
    throw new Error(`no signature of ${length} bytes by ${algorithm.family}`);
  }
  return signature;
}

function untilLength(algorithm: Algorithm, message: Buffer, length: number, key: KeyObject): Buffer | undefined {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const signature = sign(
      algorithm.digest,
      message,
      algorithm.padding === undefined ? key : { key, padding: algorithm.padding },
    );
    if (signature.length === length) {
      return signature;
    }
    if (key.asymmetricKeyType === 'rsa') {
      return undefined;
    }
  }
  return undefined;
}

function strangerOf(family: Family, length: number): KeyObject {
  switch (family) {
    case 'rsa':
      return generateKeyPairSync('rsa', { modulusLength: length * 8 }).privateKey;
    case 'ec':
      return generateKeyPairSync('ec', {
        namedCurve: length <= 72 ? 'prime256v1' : length <= 104 ? 'secp384r1' : 'secp521r1',
      }).privateKey;
    case 'dsa':
      return generateKeyPairSync('dsa', { modulusLength: 1024, divisorLength: length <= 48 ? 160 : 256 }).privateKey;
    case 'ed25519':
      return generateKeyPairSync('ed25519').privateKey;
    case 'ed448':
      return generateKeyPairSync('ed448').privateKey;
  }
}
