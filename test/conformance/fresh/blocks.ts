import { createHash, type KeyObject, randomBytes, randomFillSync } from 'node:crypto';
import { isSigned, type Renewal, type RenewalRules, renewSigned, substitute } from './certificates.ts';
import { content, descendants, readDer, TAG } from './der.ts';
import {
  type FreshPair,
  pairInPlaceOf,
  pairInPlaceOfPublic,
  parsePrivateKey,
  publicKeyId,
  publicKeysIn,
  readPrivateKey,
} from './keys.ts';
import { blocksIn, type PemBlock, replaceBlocks } from './pem.ts';
import { breakAlike, holdsStretch } from './variants.ts';

/** The certificates and keys of a recording, and those that stand in their place. */
export interface FreshBlocks {
  /** By the base64 of each recorded block that is a certificate, a request or a key: that of the fresh one. */
  readonly originals: ReadonlyMap<string, string>;
  /** By the recorded fingerprint: the fresh ones. SHA-256 and SHA-1 are both keys. */
  readonly fingerprints: ReadonlyMap<string, Fingerprints>;
  /**
   * Puts the fresh blocks into a text, formatted and broken as the recorded ones.
   *
   * @throws Error when a recorded certificate or key would stay
   */
  renew(text: string): string;
}

export interface Fingerprints {
  readonly sha256: string;
  readonly sha1: string;
}

/** Makes all certificates and keys anew that stand in the texts of a recording. */
export function renewBlocks(texts: readonly string[], rules: RenewalRules): FreshBlocks {
  const blocks = new Map(texts.flatMap(blocksIn).map((block) => [block.base64, block]));
  const pairs = renewPairs([...blocks.values()].flatMap(({ base64 }) => decode(base64) ?? []));
  const originals = new Map<string, string>();
  const fingerprints = new Map<string, Fingerprints>();
  for (const block of blocks.values()) {
    const recorded = decode(block.base64);
    const fresh = recorded === undefined ? undefined : renewDer(block, recorded, { ...rules, pairs });
    if (recorded !== undefined && fresh !== undefined) {
      originals.set(block.base64, fresh.toString('base64'));
      for (const algorithm of ['sha256', 'sha1']) {
        fingerprints.set(fingerprint(algorithm, recorded), fingerprintsOf(fresh));
      }
    }
  }
  return {
    originals,
    fingerprints,
    renew: (text) => replaceBlocks(text, ({ base64 }) => renewBase64(base64, originals)),
  };
}

/** Pairs with a recorded private key first: its encodings have to keep their length. */
function renewPairs(ders: readonly Buffer[]): FreshPair[] {
  const pairs = new Map<string, FreshPair>();
  const add = (keys: readonly KeyObject[], make: (key: KeyObject) => FreshPair) => {
    for (const key of keys) {
      const id = publicKeyId(key);
      pairs.set(id, pairs.get(id) ?? make(key));
    }
  };
  add(
    ders.flatMap((der) => readPrivateKey(der) ?? []),
    pairInPlaceOf,
  );
  add(
    ders.flatMap((der) => (readsAsDer(der) ? publicKeysIn(der) : [])),
    pairInPlaceOfPublic,
  );
  return [...pairs.values()];
}

/** @returns undefined when there is nothing in the bytes that a recording could be recognised by */
function renewDer(block: PemBlock, recorded: Buffer, renewal: Renewal): Buffer | undefined {
  if (block.isEncrypted) {
    return randomBytes(recorded.length);
  }
  if (!readsAsDer(recorded)) {
    return undefined;
  }
  if (block.label === 'ENCRYPTED PRIVATE KEY') {
    return renewOctets(recorded);
  }
  if (isSigned(recorded)) {
    return renewSigned(recorded, renewal);
  }
  const fresh = Buffer.from(recorded);
  for (const pair of renewal.pairs) {
    substitute(fresh, pair.substitutions);
  }
  return fresh.equals(recorded) ? undefined : fresh;
}

/** Salt, vector and ciphertext: without the password nobody can tell random bytes from encrypted ones. */
function renewOctets(recorded: Buffer): Buffer {
  const der = Buffer.from(recorded);
  for (const node of descendants(readDer(der))) {
    if (node.tag === TAG.octetString) {
      randomFillSync(content(der, node));
    }
  }
  return der;
}

/** So many characters of base64 are 60 bytes: longer than what keys and certificates of one kind have in common. */
const RECOGNISABLE = 80;

function renewBase64(base64: string, originals: ReadonlyMap<string, string>): string {
  const fresh = originals.get(base64) ?? breakAlike(base64, originals);
  if (fresh !== undefined) {
    return fresh;
  }
  const der = decode(base64);
  const isKept = der !== undefined && (isSigned(der) || holdsKey(der));
  if (isKept || [...originals.keys()].some((original) => holdsStretch(base64, original, RECOGNISABLE))) {
    throw new Error(`a recorded block would stay: ${base64.slice(0, 40)}…`);
  }
  return base64;
}

function holdsKey(der: Buffer): boolean {
  return readsAsDer(der) && (publicKeysIn(der).length > 0 || parsePrivateKey(der) !== undefined);
}

function decode(base64: string): Buffer | undefined {
  const bytes = Buffer.from(base64, 'base64');
  return base64 !== '' && bytes.toString('base64') === base64 ? bytes : undefined;
}

function readsAsDer(der: Buffer): boolean {
  try {
    readDer(der);
    return true;
  } catch {
    return false;
  }
}

function fingerprintsOf(der: Buffer): Fingerprints {
  return { sha256: fingerprint('sha256', der), sha1: fingerprint('sha1', der) };
}

function fingerprint(algorithm: string, der: Buffer): string {
  return createHash(algorithm)
    .update(der)
    .digest('hex')
    .replaceAll(/..(?!$)/g, '$&:');
}
