import { createECDH } from 'node:crypto';
import type { Curve } from './curves.ts';
import { decodeBitString } from './der/bit-string.ts';
import { readSmall } from './der/integer.ts';
import { type DerReader, parseDer } from './der/reader.ts';
import { contextConstructed, Tag } from './der/tags.ts';
import { findCurve, readEcParameters } from './ec-parameters.ts';
import { KeyError, type LoadedPrivateKey } from './private-key-structure.ts';
import { normalizePoint } from './public-key.ts';
import { digestPoint } from './public-key-digest.ts';

/**
 * Reads ECPrivateKey (SEC 1 §C.4, RFC 5915 §3): the scalar must have exactly the octets of the curve's order, and a public key that
 * stands beside it must be its own.
 * @param outerParameters ECParameters of a PKCS#8 around it, encoded; null where there is none.
 * @throws DerError, KeyError
 */
export function readEcPrivateKey(der: Buffer, outerParameters: Buffer | null): LoadedPrivateKey {
  const { version, scalar, parameters, point } = parseDer(der, (reader) => reader.enter(Tag.Sequence, readParts));
  if (version !== 1) throw new KeyError('an EC key of an unknown version');
  const curve = chooseCurve(outerParameters, parameters);
  if (scalar.length !== Math.ceil(curve.bits / 8)) throw new KeyError('the scalar of the EC key has the wrong length');
  const ownPoint = multiply(scalar, curve);
  if (point !== null && !point.equals(ownPoint) && !normalizePoint(point, curve)?.equals(ownPoint)) {
    throw new KeyError('the public key beside the EC key is not its own');
  }
  return { keyType: 'ec', publicKeyDigest: digestPoint(ownPoint, curve) };
}

interface Parts {
  readonly version: number;
  readonly scalar: Buffer;
  readonly parameters: Buffer | null;
  readonly point: Buffer | null;
}

function readParts(reader: DerReader): Parts {
  const version = readSmall(reader, 8);
  const scalar = reader.expect(Tag.OctetString).content;
  const parameters = reader.enterOptional(contextConstructed(0), (inner) => {
    const encoded = inner.rest();
    readEcParameters(inner);
    return encoded;
  });
  const point = reader.enterOptional(contextConstructed(1), (inner) =>
    decodeBitString(inner.expect(Tag.BitString).content),
  );
  return { version, scalar, parameters, point };
}

function chooseCurve(outer: Buffer | null, inner: Buffer | null): Curve {
  const parameters = outer ?? inner;
  if (parameters === null) throw new KeyError('the EC key names no curve');
  if (inner !== null && !inner.equals(parameters)) throw new KeyError('the EC key names two curves');
  const curve = findCurve(parameters);
  if (curve === null) throw new KeyError('an EC key on an unsupported curve');
  return curve;
}

/** The scalar's point, uncompressed. */
function multiply(scalar: Buffer, curve: Curve): Buffer {
  const ecdh = createECDH(curve.name);
  try {
    ecdh.setPrivateKey(scalar);
    return ecdh.getPublicKey();
  } catch (cause) {
    throw Object.assign(new KeyError('the scalar of the EC key is out of range'), { cause });
  }
}
