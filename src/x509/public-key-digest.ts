import { createHash, createPublicKey, type KeyObject } from 'node:crypto';
import { readPublicKeyInfo, type SubjectPublicKeyInfo } from './certificate-structure.ts';
import type { Curve } from './curves.ts';
import { parseDer } from './der/reader.ts';
import { encodeDer, sequence, unsignedInteger } from './der/writer.ts';
import { findCurve } from './ec-parameters.ts';
import { Oid } from './oids.ts';
import { pointOf } from './public-key.ts';

/**
 * Tells public keys apart: equal for the same key however it is encoded, so that a certificate and a private key belong together
 * exactly where their digests are equal.
 *
 * Hashed is what identifies the key without its encoding's choices: RSA's modulus and exponent (an RSASSA-PSS key is a plain RSA key
 * here, as in pyca), an elliptic curve's name and the uncompressed point, otherwise the whole SubjectPublicKeyInfo.
 *
 * @returns SHA-256 in lower-case hex
 */
export function digestPublicKey(info: SubjectPublicKeyInfo): string {
  return digest(identity(info));
}

/**
 * As {@link digestPublicKey}, of a key on an elliptic curve.
 *
 * @param point uncompressed (SEC 1 §2.3.3)
 */
export function digestPoint(point: Buffer, { name }: Curve): string {
  return digest(identityOfPoint(point, name));
}

/**
 * As {@link digestPublicKey}, of an RSA key.
 *
 * @param modulus content octets of the INTEGER, and so the exponent
 */
export function digestRsa(modulus: Buffer, exponent: Buffer): string {
  return digest(identityOfRsa(encodeDer(sequence(unsignedInteger(modulus), unsignedInteger(exponent)))));
}

/** As {@link digestPublicKey}, of the public half of a private key. */
export function digestPublicHalf(privateKey: KeyObject): string {
  const encoded = createPublicKey(privateKey).export({ format: 'der', type: 'spki' });
  return digestPublicKey(parseDer(encoded, readPublicKeyInfo));
}

function identity(info: SubjectPublicKeyInfo): Buffer {
  const { algorithm, key, encoded } = info;
  if (algorithm.oid === Oid.rsaEncryption || algorithm.oid === Oid.rsassaPss) {
    return identityOfRsa(key);
  }
  const curve = algorithm.oid === Oid.ecPublicKey ? findCurve(algorithm.parameters) : null;
  const point = curve === null ? null : pointOf(info, curve);
  return curve === null || point === null ? encoded : identityOfPoint(point, curve.name);
}

/** @param key RSAPublicKey (RFC 8017 §A.1.1), encoded */
function identityOfRsa(key: Buffer): Buffer {
  return Buffer.concat([Buffer.from('rsa\0'), key]);
}

function identityOfPoint(point: Buffer, curveName: string): Buffer {
  return Buffer.concat([Buffer.from(`ec\0${curveName}\0`), point]);
}

function digest(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
