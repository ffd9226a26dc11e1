import { createPrivateKey } from 'node:crypto';
import { type AlgorithmIdentifier, readAlgorithmIdentifier } from './algorithm-identifier.ts';
import { DerError } from './der/error.ts';
import { readSmall } from './der/integer.ts';
import { readObjectIdentifier } from './der/object-identifier.ts';
import { type DerReader, parseDer } from './der/reader.ts';
import { contextConstructed, contextPrimitive, Tag } from './der/tags.ts';
import { encodeDer, objectIdentifier, octetString, sequence, smallInteger } from './der/writer.ts';
import { readDhPrivateKey } from './dh-private-key.ts';
import { readDsaPrivateValue } from './dsa-private-key.ts';
import { readEcPrivateKey } from './ec-private-key.ts';
import { Oid } from './oids.ts';
import { KeyError, type KeyType, type LoadedPrivateKey } from './private-key-structure.ts';
import { digestPublicHalf } from './public-key-digest.ts';
import { readRsaPrivateKey } from './rsa-private-key.ts';

/** RFC 8410 §7: how many octets the private key of each type has. */
const RAW_KEYS: ReadonlyMap<string, { keyType: KeyType; length: number }> = new Map([
  [Oid.ed25519, { keyType: 'ed25519', length: 32 }],
  [Oid.ed448, { keyType: 'ed448', length: 57 }],
  [Oid.x25519, { keyType: 'x25519', length: 32 }],
  [Oid.x448, { keyType: 'x448', length: 56 }],
]);

/** RFC 9881 §6, RFC 9935 §6: the length of the seed. pyca takes no other form of these keys, and ML-KEM-512 not at all. */
const SEEDS: ReadonlyMap<string, number> = new Map([
  [Oid.mlDsa44, 32],
  [Oid.mlDsa65, 32],
  [Oid.mlDsa87, 32],
  [Oid.mlKem768, 64],
  [Oid.mlKem1024, 64],
]);

/**
 * Reads PrivateKeyInfo (PKCS#8, RFC 5208 §5). pyca knows version 0 only, not RFC 5958's version 1 with a public key.
 * @throws DerError, KeyError
 */
export function readPrivateKeyInfo(der: Buffer): LoadedPrivateKey {
  const { version, algorithm, key } = parseDer(der, (reader) =>
    reader.enter(Tag.Sequence, (inner) => {
      const head = { version: readSmall(inner, 8), algorithm: readAlgorithmIdentifier(inner) };
      const content = inner.expect(Tag.OctetString).content;
      inner.enterOptional(contextConstructed(0), checkAttributes);
      return { ...head, key: content };
    }),
  );
  if (version !== 0) throw new KeyError('PKCS#8 of an unknown version');
  return readKey(algorithm, key);
}

function readKey({ oid, parameters }: AlgorithmIdentifier, key: Buffer): LoadedPrivateKey {
  switch (oid) {
    case Oid.rsaEncryption:
    case Oid.rsassaPss:
      return readRsaPrivateKey(key);
    case Oid.ecPublicKey:
      return readEcPrivateKey(key, parameters);
    case Oid.dsa:
      return readDsaPrivateValue(parameters, key);
    case Oid.dhPublicNumber:
    case Oid.dhKeyAgreement:
      return readDhPrivateKey(parameters, key, oid === Oid.dhPublicNumber);
    default:
      return readOctets(oid, key);
  }
}

function readOctets(oid: string, key: Buffer): LoadedPrivateKey {
  const raw = RAW_KEYS.get(oid);
  if (raw !== undefined)
    return loadRaw(
      oid,
      raw,
      parseDer(key, (reader) => reader.expect(Tag.OctetString).content),
    );
  const seedLength = SEEDS.get(oid);
  if (seedLength === undefined) throw new KeyError('a private key of an unsupported type');
  const seed = parseDer(key, (reader) => reader.expect(contextPrimitive(0)).content);
  if (seed.length !== seedLength) throw new KeyError('a private key of the wrong length');
  return { keyType: null, publicKeyDigest: null };
}

function loadRaw(
  oid: string,
  { keyType, length }: { keyType: KeyType; length: number },
  raw: Buffer,
): LoadedPrivateKey {
  if (raw.length !== length) throw new KeyError('a private key of the wrong length');
  // Encoded anew: OpenSSL has no use for attributes.
  const der = encodeDer(
    sequence(smallInteger(0), sequence(objectIdentifier(oid)), octetString(encodeDer(octetString(raw)))),
  );
  return { keyType, publicKeyDigest: digestPublicHalf(createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })) };
}

/** SET OF Attribute under an IMPLICIT tag; what the attributes say doesn't matter, their form and order does. */
function checkAttributes(reader: DerReader): void {
  checkOrder(reader, (attribute) => {
    attribute.enter(Tag.Sequence, (inner) => {
      readObjectIdentifier(inner);
      inner.enter(Tag.Set, (values) => checkOrder(values, (value) => value.read()));
    });
  });
}

/** X.690 §11.6: the members of a SET OF are in ascending order of their encodings. */
function checkOrder(reader: DerReader, readMember: (reader: DerReader) => void): void {
  let previous: Buffer = Buffer.alloc(0);
  while (!reader.done) {
    const rest = reader.rest();
    readMember(reader);
    const encoded = rest.subarray(0, rest.length - reader.rest().length);
    if (Buffer.compare(encoded, previous) < 0) throw new DerError('a SET OF is not in order');
    previous = encoded;
  }
}
