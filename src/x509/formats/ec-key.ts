import { createECDH } from 'node:crypto';
import type { Curve } from '../curves.ts';
import { readSmall } from '../der/integer.ts';
import { type DerReader, parseDer } from '../der/reader.ts';
import { contextConstructed, Tag } from '../der/tags.ts';
import {
  bitString,
  contextExplicit,
  encodeDer,
  objectIdentifier,
  octetString,
  sequence,
  smallInteger,
} from '../der/writer.ts';
import { findCurve } from '../ec-parameters.ts';
import { KeyError } from '../private-key-structure.ts';

/**
 * The curve of an ECPrivateKey (RFC 5915 §3) that was checked.
 * @param outer ECParameters of a PKCS#8 around it, encoded; null where there is none
 * @throws DerError, KeyError
 */
export function curveOf(der: Buffer, outer: Buffer | null): Curve {
  const parameters = outer ?? readParts(der).parameters;
  const curve = parameters === null ? null : findCurve(parameters);
  if (curve === null) throw new KeyError('an EC key on an unsupported curve');
  return curve;
}

/**
 * Writes an ECPrivateKey (RFC 5915 §3) anew: its public key, uncompressed, is always there.
 * @param der that was checked
 * @param namesCurve as SEC 1 alone must; inside PKCS#8 the curve stands outside
 * @throws DerError
 */
export function encodeEcKey(der: Buffer, curve: Curve, namesCurve: boolean): Buffer {
  const { scalar } = readParts(der);
  const ecdh = createECDH(curve.name);
  ecdh.setPrivateKey(scalar);
  return encodeDer(
    sequence(
      smallInteger(1),
      octetString(scalar),
      ...(namesCurve ? [contextExplicit(0, objectIdentifier(curve.oid))] : []),
      contextExplicit(1, bitString(ecdh.getPublicKey())),
    ),
  );
}

function readParts(der: Buffer): { scalar: Buffer; parameters: Buffer | null } {
  return parseDer(der, (reader) => {
    const inner: DerReader = reader.inside(reader.expect(Tag.Sequence));
    readSmall(inner, 8);
    const scalar = inner.expect(Tag.OctetString).content;
    return { scalar, parameters: inner.optional(contextConstructed(0))?.content ?? null };
  });
}
