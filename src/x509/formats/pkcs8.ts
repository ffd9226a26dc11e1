import { type AlgorithmIdentifier, readAlgorithmIdentifier } from '../algorithm-identifier.ts';
import { readSmall, readUnsigned } from '../der/integer.ts';
import { parseDer } from '../der/reader.ts';
import { Tag } from '../der/tags.ts';
import {
  type DerValue,
  encodeDer,
  nullValue,
  objectIdentifier,
  octetString,
  sequence,
  smallInteger,
  unsignedInteger,
} from '../der/writer.ts';
import { Oid } from '../oids.ts';
import { loadPrivateKey } from '../private-key.ts';
import { findPrivateKeyBlock, type PrivateKeyForm } from '../private-key-block.ts';
import { refuseEncrypted } from '../private-key-readers.ts';
import { readingPrivateKey } from '../reading-private-key.ts';
import { curveOf, encodeEcKey } from './ec-key.ts';

/** PrivateKeyInfo taken apart: what kind of key, and the key in the form of its kind. */
export interface Pkcs8Parts {
  readonly algorithm: AlgorithmIdentifier;
  /** What the OCTET STRING holds. */
  readonly key: Buffer;
}

/** How each form becomes PKCS#8. */
const WRAPPERS: Readonly<Record<PrivateKeyForm, (der: Buffer) => Buffer>> = {
  pkcs8: (der) => der,
  pkcs1: (der) => wrap(sequence(objectIdentifier(Oid.rsaEncryption), nullValue()), der),
  sec1: wrapEcKey,
  dsa: wrapDsaKey,
  encrypted: refuseEncrypted,
};

/**
 * The first private key of a PEM text as PKCS#8 (PrivateKeyInfo, RFC 5208 §5). What is PKCS#8 already stays byte for byte, so that also
 * a key comes through that node:crypto can't hold. An EC key that spells its curve out gets its name.
 * @param text as `loadPrivateKey` takes it, which checks it first
 * @returns DER
 * @throws NotAPrivateKey, BeyondLimits
 * @example
 * loadPrivateKeyDer(toPkcs8(privateKeyPem)).keyType; // → 'ec'
 */
export function toPkcs8(text: string): Buffer {
  loadPrivateKey(text);
  return wrapChecked(text);
}

/** As `toPkcs8`, of a text that `loadPrivateKey` took: the check isn't made again. */
export function wrapChecked(text: string): Buffer {
  return readingPrivateKey(() => {
    const { form, der } = findPrivateKeyBlock(text);
    return WRAPPERS[form](der);
  });
}

/** Takes apart what `toPkcs8` gave. @throws DerError */
export function splitPkcs8(der: Buffer): Pkcs8Parts {
  return parseDer(der, (reader) => {
    const inner = reader.inside(reader.expect(Tag.Sequence));
    readSmall(inner, 8);
    return { algorithm: readAlgorithmIdentifier(inner), key: inner.expect(Tag.OctetString).content };
  });
}

function wrap(algorithm: DerValue, key: Buffer): Buffer {
  return encodeDer(sequence(smallInteger(0), algorithm, octetString(key)));
}

/** RFC 5915 §3: the curve stands outside. */
function wrapEcKey(der: Buffer): Buffer {
  const curve = curveOf(der, null);
  const algorithm = sequence(objectIdentifier(Oid.ecPublicKey), objectIdentifier(curve.oid));
  return wrap(algorithm, encodeEcKey(der, curve, false));
}

/** OpenSSL's format has version, p, q, g, the public and the private value; RFC 3279 §2.3.2 for the parameters. */
function wrapDsaKey(der: Buffer): Buffer {
  const [p, q, g, , x] = parseDer(der, (reader) =>
    reader.enter(Tag.Sequence, (inner) => {
      readSmall(inner, 8);
      return Array.from({ length: 5 }, () => unsignedInteger(readUnsigned(inner)));
    }),
  ) as [DerValue, DerValue, DerValue, DerValue, DerValue];
  return wrap(sequence(objectIdentifier(Oid.dsa), sequence(p, q, g)), encodeDer(x));
}
