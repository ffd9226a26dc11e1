import { createPublicKey, ECDH, type KeyObject } from 'node:crypto';
import type { SubjectPublicKeyInfo } from './certificate-structure.ts';
import type { Curve } from './curves.ts';
import { DerError } from './der/error.ts';
import { bitLength, readUnsigned } from './der/integer.ts';
import { parseDer } from './der/reader.ts';
import { Tag } from './der/tags.ts';
import { findCurve } from './ec-parameters.ts';
import { LIMITS } from './limits.ts';
import { Oid } from './oids.ts';

/** The key types authentik knows of a certificate (contract §1.1). */
export type PublicKeyType = 'rsa' | 'ec' | 'dsa' | 'ed25519' | 'ed448';

export interface PublicKeyFacts {
  /** Null for any other algorithm, for a curve pyca doesn't know, and for a key that can't be decoded. */
  readonly keyType: PublicKeyType | null;
  /** In bits: of the modulus, of the curve's field, of the DSA prime; 256 for Ed25519 and 456 for Ed448. */
  readonly keySize: number | null;
  /** OpenSSL's short name of the curve; also of one that pyca doesn't know, as long as OpenSSL does. */
  readonly curve: string | null;
}

/** What OpenSSL says of a curve that is spelled out and that it doesn't know. */
const NO_NAME = 'UNDEF';

/** Of an RSAPublicKey: modulus and exponent of the largest size, and what stands before them. */
const MAX_RSA_OCTETS = 2 * (LIMITS.RSA_BITS / 8) + 32;

const UNKNOWN: PublicKeyFacts = { keyType: null, keySize: null, curve: null };

/** What kind of key a SubjectPublicKeyInfo (RFC 5280 §4.1.2.7) holds, as pyca would decode it. Never throws. */
export function describePublicKey(info: SubjectPublicKeyInfo): PublicKeyFacts {
  try {
    return describe(info);
  } catch (error) {
    if (error instanceof DerError) return UNKNOWN;
    throw error;
  }
}

/**
 * The key as node:crypto's object; null where OpenSSL can't load it. An RSASSA-PSS key becomes a plain RSA key, as in pyca: the
 * restrictions of its parameters are not kept.
 */
export function loadPublicKey(info: SubjectPublicKeyInfo): KeyObject | null {
  const { algorithm, key, encoded } = info;
  if (isDangerous(info)) return null;
  const isRsa = algorithm.oid === Oid.rsaEncryption || algorithm.oid === Oid.rsassaPss;
  try {
    return createPublicKey(
      isRsa ? { key, format: 'der', type: 'pkcs1' } : { key: encoded, format: 'der', type: 'spki' },
    );
  } catch {
    return null;
  }
}

/**
 * Keys that OpenSSL loads, and over whose asymmetricKeyDetails node:crypto aborts the whole process (the point at infinity, a DSA value
 * below zero) or works for minutes (an RSA exponent of a megabit, which OpenSSL would not compute with).
 */
function isDangerous({ algorithm, key }: SubjectPublicKeyInfo): boolean {
  switch (algorithm.oid) {
    case Oid.ecPublicKey:
      return key.length < 2;
    case Oid.dsa:
      return !isUnsigned(key);
    case Oid.rsaEncryption:
    case Oid.rsassaPss:
      return key.length > MAX_RSA_OCTETS;
    default:
      return false;
  }
}

function isUnsigned(der: Buffer): boolean {
  try {
    parseDer(der, readUnsigned);
    return true;
  } catch (error) {
    if (error instanceof DerError) return false;
    throw error;
  }
}

function describe(info: SubjectPublicKeyInfo): PublicKeyFacts {
  const { algorithm, key } = info;
  switch (algorithm.oid) {
    case Oid.rsaEncryption:
    case Oid.rsassaPss:
      return { keyType: 'rsa', keySize: readModulusBits(key), curve: null };
    case Oid.ecPublicKey:
      return describeEc(info);
    case Oid.dsa:
      parseDer(key, readUnsigned);
      return { keyType: 'dsa', keySize: readDsaPrimeBits(algorithm.parameters), curve: null };
    case Oid.ed25519:
      return key.length === 32 ? { keyType: 'ed25519', keySize: 256, curve: null } : UNKNOWN;
    case Oid.ed448:
      return key.length === 57 ? { keyType: 'ed448', keySize: 456, curve: null } : UNKNOWN;
    default:
      return UNKNOWN;
  }
}

function describeEc(info: SubjectPublicKeyInfo): PublicKeyFacts {
  const curve = findCurve(info.algorithm.parameters);
  if (curve === null) return { ...UNKNOWN, curve: nameCurve(info) };
  const isOnCurve = pointOf(info, curve) !== null;
  return { keyType: isOnCurve ? 'ec' : null, keySize: curve.bits, curve: curve.name };
}

function nameCurve(info: SubjectPublicKeyInfo): string | null {
  const name = loadPublicKey(info)?.asymmetricKeyDetails?.namedCurve;
  return name === undefined || name === NO_NAME ? null : name;
}

const points = new WeakMap<SubjectPublicKeyInfo, Buffer | null>();

/** The key's point as {@link normalizePoint} gives it. Remembered: OpenSSL takes long for it, and more than one asks. */
export function pointOf(info: SubjectPublicKeyInfo, curve: Curve): Buffer | null {
  const known = points.get(info);
  const point = known === undefined ? normalizePoint(info.key, curve) : known;
  points.set(info, point);
  return point;
}

/**
 * The uncompressed form (SEC 1 §2.3.3) of a point in whatever form; null if it is not on the curve or is the point at infinity.
 */
export function normalizePoint(point: Buffer, curve: Curve): Buffer | null {
  if (point.length < 2) return null;
  try {
    return Buffer.from(ECDH.convertKey(point, curve.name) as Buffer);
  } catch {
    return null;
  }
}

/** RFC 8017 §A.1.1. */
function readModulusBits(key: Buffer): number {
  return parseDer(key, (reader) =>
    reader.enter(Tag.Sequence, (inner) => {
      const modulus = readUnsigned(inner);
      readUnsigned(inner);
      return bitLength(modulus);
    }),
  );
}

function readDsaPrimeBits(parameters: Buffer): number {
  return parseDer(parameters, (reader) => bitLength(readUnsigned(reader.inside(reader.expect(Tag.Sequence)))));
}
