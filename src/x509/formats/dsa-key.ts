import { createPrivateKey, createPublicKey } from 'node:crypto';
import { readPublicKeyInfo } from '../certificate-structure.ts';
import { readUnsigned } from '../der/integer.ts';
import { parseDer } from '../der/reader.ts';
import { Tag } from '../der/tags.ts';
import { encodeDer, sequence, smallInteger, unsignedInteger } from '../der/writer.ts';
import { CannotExport } from '../errors.ts';
import type { Pkcs8Parts } from './pkcs8.ts';

/**
 * A DSA key in OpenSSL's own format: SEQUENCE { 0, p, q, g, public, private }.
 * @param pkcs8 DER of the whole key, of which `parts` are the parts
 * @throws CannotExport where OpenSSL refuses the numbers, so that the public value is not to be had
 */
export function encodeDsaKey({ algorithm, key }: Pkcs8Parts, pkcs8: Buffer): Buffer {
  const parameters = parseDer(algorithm.parameters, (reader) =>
    reader.enter(Tag.Sequence, (inner) => Array.from({ length: 3 }, () => unsignedInteger(readUnsigned(inner)))),
  );
  const publicValue = unsignedInteger(parseDer(readPublicHalf(pkcs8), readUnsigned));
  const privateValue = unsignedInteger(parseDer(key, readUnsigned));
  return encodeDer(sequence(smallInteger(0), ...parameters, publicValue, privateValue));
}

function readPublicHalf(pkcs8: Buffer): Buffer {
  try {
    const publicKey = createPublicKey(createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' }));
    return parseDer(publicKey.export({ format: 'der', type: 'spki' }), readPublicKeyInfo).key;
  } catch {
    throw new CannotExport('OpenSSL can not hold the DSA key');
  }
}
