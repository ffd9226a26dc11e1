import { createPrivateKey, createPublicKey, ECDH, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { content, type DerNode, descendants, readDer, TAG } from './der.ts';
import { freshDsaSecret } from './dsa.ts';
import { isSound } from './soundness.ts';

/** Bytes of recorded DER, and those of the same length that stand there in the fresh one. */
export interface Substitution {
  readonly recorded: Buffer;
  readonly fresh: Buffer;
}

/** A recorded public key and the pair that stands in its place. */
export interface FreshPair {
  readonly recordedPublicKey: KeyObject;
  readonly privateKey: KeyObject;
  /** What to replace wherever it occurs: in private keys of any encoding, public keys, certificates and requests. */
  readonly substitutions: readonly Substitution[];
}

/** Reads DER as a private key whose parts belong together; undefined for anything else. */
export function readPrivateKey(der: Buffer): KeyObject | undefined {
  const key = parsePrivateKey(der);
  return key !== undefined && isSound(key) ? key : undefined;
}

/** Reads DER as a private key of any encoding that OpenSSL knows, sound or not; undefined for anything else. */
export function parsePrivateKey(der: Buffer): KeyObject | undefined {
  for (const type of ['pkcs8', 'sec1', 'pkcs1'] as const) {
    try {
      return createPrivateKey({ key: der, format: 'der', type });
    } catch {
      // Another encoding, or no key at all.
    }
  }
  return undefined;
}

/** Finds the public keys (SubjectPublicKeyInfo) in any DER. */
export function publicKeysIn(der: Buffer): KeyObject[] {
  return descendants(readDer(der)).flatMap((node) => {
    const [algorithm, bits, ...more] = node.children;
    const isInfo = algorithm?.children[0]?.tag === TAG.oid && bits?.tag === TAG.bitString && more.length === 0;
    const key = isInfo ? readPublicKey(der.subarray(node.start, node.end)) : undefined;
    return key === undefined ? [] : [key];
  });
}

/** Makes a pair of the same kind and size, such that each encoding is as long as that of the recorded private key. */
export function pairInPlaceOf(recorded: KeyObject): FreshPair {
  const recordedSecret = secretOf(recorded);
  for (;;) {
    const privateKey = generateLike(recorded);
    const secret = secretOf(privateKey);
    if (secret.length === recordedSecret.length) {
      const recordedPublicKey = createPublicKey(recorded);
      return {
        recordedPublicKey,
        privateKey,
        substitutions: [
          { recorded: recordedSecret, fresh: secret },
          ...publicSubstitutions(recordedPublicKey, privateKey),
        ],
      };
    }
  }
}

/** Makes a pair in place of a public key whose private key isn't recorded. */
export function pairInPlaceOfPublic(recordedPublicKey: KeyObject): FreshPair {
  const privateKey = generateLike(recordedPublicKey);
  return { recordedPublicKey, privateKey, substitutions: publicSubstitutions(recordedPublicKey, privateKey) };
}

/** The text that is equal for equal public keys. */
export function publicKeyId(key: KeyObject): string {
  return publicBits(key).toString('hex');
}

/** The bits of a public key, which its key identifier is the SHA-1 of (RFC 5280, section 4.2.1.2). */
export function publicBits(key: KeyObject): Buffer {
  const der = createPublicKeyOf(key).export({ type: 'spki', format: 'der' });
  const bits = readDer(der).children[1];
  if (bits === undefined) {
    throw new Error('a public key without bits');
  }
  return content(der, bits).subarray(1);
}

function createPublicKeyOf(key: KeyObject): KeyObject {
  return key.type === 'private' ? createPublicKey(key) : key;
}

function readPublicKey(der: Buffer): KeyObject | undefined {
  try {
    return createPublicKey({ key: der, format: 'der', type: 'spki' });
  } catch {
    return undefined;
  }
}

const CURVE_BY_POINT_LENGTH = new Map([
  [65, 'prime256v1'],
  [97, 'secp384r1'],
  [133, 'secp521r1'],
]);

function generateLike(key: KeyObject): KeyObject {
  const details = key.asymmetricKeyDetails ?? {};
  switch (key.asymmetricKeyType) {
    case 'rsa':
    case 'rsa-pss': {
      const { modulusLength = 2048, publicExponent = 65537n } = details;
      return generateKeyPairSync('rsa', { modulusLength, publicExponent: Number(publicExponent) }).privateKey;
    }
    case 'ec': {
      // A curve that is written out in full has no name.
      const namedCurve = details.namedCurve ?? CURVE_BY_POINT_LENGTH.get(publicBits(key).length);
      return generateKeyPairSync('ec', { namedCurve: namedCurve ?? 'unknown' }).privateKey;
    }
    case 'dsa':
      return freshDsaSecret(createPublicKeyOf(key));
    case 'ed25519':
      return generateKeyPairSync('ed25519').privateKey;
    case 'ed448':
      return generateKeyPairSync('ed448').privateKey;
    case 'x25519':
      return generateKeyPairSync('x25519').privateKey;
    case 'x448':
      return generateKeyPairSync('x448').privateKey;
    default:
      throw new Error(`no way to make a key of type ${key.asymmetricKeyType}`);
  }
}

function publicSubstitutions(recorded: KeyObject, fresh: KeyObject): Substitution[] {
  const whole = { recorded: publicBits(recorded), fresh: publicBits(fresh) };
  const curve = recorded.asymmetricKeyDetails?.namedCurve;
  if (recorded.asymmetricKeyType !== 'ec' || curve === undefined) {
    return [whole];
  }
  // Another encoding of the same key may hold the other form of the point.
  return (['uncompressed', 'compressed'] as const).map((form) => ({
    recorded: pointAs(form, whole.recorded, curve),
    fresh: pointAs(form, whole.fresh, curve),
  }));
}

function pointAs(form: 'compressed' | 'uncompressed', point: Buffer, curve: string): Buffer {
  return ECDH.convertKey(point, curve, undefined, undefined, form) as Buffer;
}

/** The part of a private key that every encoding of it holds. */
function secretOf(key: KeyObject): Buffer {
  const der = key.export({ type: 'pkcs8', format: 'der' });
  const octets = readDer(der).children[2];
  if (octets === undefined) {
    throw new Error('a private key without octets');
  }
  const inner = Buffer.from(content(der, octets));
  const node: DerNode = readDer(inner);
  switch (key.asymmetricKeyType) {
    case 'rsa':
    case 'rsa-pss':
      return inner;
    case 'ec':
      return content(inner, node.children[1] ?? node);
    default:
      return content(inner, node);
  }
}
