import { createPrivateKey } from 'node:crypto';
import { DerError } from '../der/error.ts';
import { readUnsigned } from '../der/integer.ts';
import { parseDer } from '../der/reader.ts';
import { Tag } from '../der/tags.ts';
import { BeyondLimits } from '../errors.ts';
import { Oid } from '../oids.ts';
import { readPrivateKeyInfo } from '../private-key-info.ts';
import { KeyError } from '../private-key-structure.ts';
import { digestPublicHalf, digestPublicKey } from '../public-key-digest.ts';
import { readAlgorithm } from './algorithm.ts';
import type { BaggedCertificate } from './chain-order.ts';
import type { KeyBag } from './safe-contents.ts';

/** Opening a key and finding its public half takes time, and a file has room for thousands of keys. */
const MAX_MATCHED_KEYS = 16;

export interface ChosenKey {
  readonly bag: KeyBag;
  /** The certificate that belongs to it. */
  readonly certificate: BaggedCertificate | null;
}

/**
 * Chooses the first key of a file that has a certificate: one with the same localKeyID (of several the one with the same public key), or
 * else with the same public key, which is looked for with the first 16 keys that need it. Where none has, the first key; null where there
 * is no key.
 * @param open decrypts a key to PrivateKeyInfo.
 * @throws what `open` does
 */
export function chooseKey(
  keys: readonly KeyBag[],
  certificates: readonly BaggedCertificate[],
  open: (bag: KeyBag) => Buffer,
): ChosenKey | null {
  let attempts = 0;
  const ownOf = (bag: KeyBag, among: readonly BaggedCertificate[]): BaggedCertificate | undefined =>
    among.length > 0 && attempts++ < MAX_MATCHED_KEYS ? findByKey(open(bag), among) : undefined;
  for (const bag of keys) {
    const named = findById(bag, certificates);
    // An id that several have doesn't tell which of them is the key's.
    const certificate =
      named.length === 1 ? named[0] : (ownOf(bag, named.length > 0 ? named : certificates) ?? named[0]);
    if (certificate !== undefined) return { bag, certificate };
  }
  const [first] = keys;
  return first === undefined ? null : { bag: first, certificate: null };
}

function findById({ attributes }: KeyBag, certificates: readonly BaggedCertificate[]): readonly BaggedCertificate[] {
  const { localKeyId } = attributes;
  return localKeyId === null ? [] : certificates.filter(({ bag }) => bag.attributes.localKeyId === localKeyId);
}

function findByKey(privateKey: Buffer, certificates: readonly BaggedCertificate[]): BaggedCertificate | undefined {
  const digest = digestOrNull(privateKey);
  if (digest === null) return undefined;
  return certificates.find(({ structure }) => structure !== null && digestPublicKey(structure.publicKey) === digest);
}

/** Null for keys that can't be read here: they are handed on, and refused or taken by who wants them. */
function digestOrNull(privateKey: Buffer): string | null {
  try {
    return digestOwnPublicKey(privateKey);
  } catch (error) {
    if (error instanceof DerError || error instanceof KeyError || error instanceof BeyondLimits) return null;
    throw error;
  }
}

/** Without the dear checks of who loads the key: of an RSA key's numbers, and of the parameters of a DH key, which has no certificate. */
function digestOwnPublicKey(privateKey: Buffer): string | null {
  switch (readAlgorithmOid(privateKey)) {
    case Oid.rsaEncryption:
    case Oid.rsassaPss:
      return digestByOpenssl(privateKey);
    case Oid.dhKeyAgreement:
    case Oid.dhPublicNumber:
      return null;
    default:
      return readPrivateKeyInfo(privateKey).publicKeyDigest;
  }
}

function readAlgorithmOid(privateKey: Buffer): string {
  return parseDer(privateKey, (reader) => {
    const inner = reader.inside(reader.expect(Tag.Sequence));
    readUnsigned(inner);
    return readAlgorithm(inner).oid;
  });
}

function digestByOpenssl(privateKey: Buffer): string | null {
  try {
    return digestPublicHalf(createPrivateKey({ key: privateKey, format: 'der', type: 'pkcs8' }));
  } catch {
    return null;
  }
}
