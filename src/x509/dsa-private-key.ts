import { createPrivateKey, type KeyObject } from 'node:crypto';
import { bitLength, readSmall, readUnsigned } from './der/integer.ts';
import { type DerReader, parseDer } from './der/reader.ts';
import { Tag } from './der/tags.ts';
import { encodeDer, objectIdentifier, octetString, sequence, smallInteger, unsignedInteger } from './der/writer.ts';
import { Oid } from './oids.ts';
import { KeyError, type LoadedPrivateKey } from './private-key-structure.ts';
import { digestPublicHalf } from './public-key-digest.ts';

/** FIPS 186-4 §4.2 ends at 3,072, OpenSSL signs with 10,000. Loading a key more than once takes too long there. */
const MAX_PRIME_BITS = 8192;
/** FIPS 186-4 §4.2; OpenSSL verifies by no larger order either. This bounds the time that finding the public value takes. */
const MAX_PRIVATE_BITS = 256;

interface DsaNumbers {
  readonly p: Buffer;
  readonly q: Buffer;
  readonly g: Buffer;
  readonly x: Buffer;
}

/**
 * Reads OpenSSL's own format: SEQUENCE { 0, p, q, g, public, private }. As with pyca, the public value is not compared.
 * @throws DerError, KeyError
 */
export function readDsaPrivateKey(der: Buffer): LoadedPrivateKey {
  const { version, numbers } = parseDer(der, (reader) =>
    reader.enter(Tag.Sequence, (inner) => {
      const head = { version: readSmall(inner, 8), ...readParameters(inner) };
      readUnsigned(inner);
      return { version: head.version, numbers: { ...head, x: readUnsigned(inner) } };
    }),
  );
  if (version !== 0) throw new KeyError('a DSA key of an unknown version');
  return load(numbers);
}

/**
 * Reads the private value of a DSA key in PKCS#8.
 * @param parameters Dss-Parms (RFC 3279 §2.3.2), encoded and well formed.
 * @throws DerError, KeyError
 */
export function readDsaPrivateValue(parameters: Buffer, key: Buffer): LoadedPrivateKey {
  const numbers = parseDer(parameters, (reader) => reader.enter(Tag.Sequence, readParameters));
  return load({ ...numbers, x: parseDer(key, readUnsigned) });
}

function readParameters(reader: DerReader): Omit<DsaNumbers, 'x'> {
  return { p: readUnsigned(reader), q: readUnsigned(reader), g: readUnsigned(reader) };
}

function load(numbers: DsaNumbers): LoadedPrivateKey {
  const key = isUsable(numbers) ? createKeyObject(numbers) : null;
  return { keyType: 'dsa', publicKeyDigest: key === null ? null : digestPublicHalf(key) };
}

/** pyca takes numbers of any size; nothing can be done with a key of such, so none is made of them. */
function isUsable({ p, q, g, x }: DsaNumbers): boolean {
  return [p, q, g].every((number) => bitLength(number) <= MAX_PRIME_BITS) && bitLength(x) <= MAX_PRIVATE_BITS;
}

/** Null where OpenSSL refuses numbers that pyca takes without a look. */
function createKeyObject({ p, q, g, x }: DsaNumbers): KeyObject | null {
  const parameters = sequence(unsignedInteger(p), unsignedInteger(q), unsignedInteger(g));
  const algorithm = sequence(objectIdentifier(Oid.dsa), parameters);
  const der = encodeDer(sequence(smallInteger(0), algorithm, octetString(encodeDer(unsignedInteger(x)))));
  try {
    return createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  } catch {
    return null;
  }
}
