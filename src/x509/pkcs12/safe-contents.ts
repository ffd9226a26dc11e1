import { readUnsigned } from '../der/integer.ts';
import { readObjectIdentifier } from '../der/object-identifier.ts';
import { type DerReader, parseDer } from '../der/reader.ts';
import { contextConstructed, Tag } from '../der/tags.ts';
import { type BagAttributes, readBagAttributes } from './bag-attributes.ts';
import { normalizeBer } from './ber.ts';
import { Pkcs12Oid } from './oids.ts';
import type { Passphrase } from './passphrase.ts';
import { decryptSequence, type Encrypted, type Opening, readPasswordEncryption } from './password-encryption.ts';

export interface KeyBag {
  readonly kind: 'key';
  readonly attributes: BagAttributes;
  /** PrivateKeyInfo in DER, as it stands or encrypted. */
  readonly content: Buffer | Encrypted;
}

export interface CertificateBag {
  readonly kind: 'certificate';
  readonly attributes: BagAttributes;
  /** DER; that it is one SEQUENCE is all that is known. */
  readonly content: Buffer;
}

export type Bag = KeyBag | CertificateBag;

/**
 * Reads SafeContents (RFC 7292 §4.2) in BER: its keys and X.509 certificates, those in SafeContents inside too. Bags of CRLs, secrets
 * and unknown types are skipped. What is encrypted stays so, but its rounds are counted.
 * @throws DerError, BeyondLimits
 */
export function readSafeContents(ber: Buffer, opening: Opening): Bag[] {
  return parseDer(normalizeBer(ber), (reader) => readBags(reader, opening));
}

/** The private key of a bag: PrivateKeyInfo in DER. @throws WrongPassphrase, DerError */
export function openKey({ content }: KeyBag, passphrase: Passphrase): Buffer {
  if (Buffer.isBuffer(content)) return content;
  return parseDer(normalizeBer(decryptSequence(content, passphrase)), readPrivateKeyInfoOctets);
}

function readBags(reader: DerReader, opening: Opening): Bag[] {
  return reader.enter(Tag.Sequence, (inner) => {
    const bags: Bag[] = [];
    while (!inner.done) bags.push(...inner.enter(Tag.Sequence, (bag) => readBag(bag, opening)));
    return bags;
  });
}

function readBag(reader: DerReader, opening: Opening): readonly Bag[] {
  const type = readObjectIdentifier(reader);
  const readValue = <T>(parse: (value: DerReader) => T): T => reader.enter(contextConstructed(0), parse);
  switch (type) {
    case Pkcs12Oid.keyBag: {
      const content = readValue(readPrivateKeyInfoOctets);
      return [{ kind: 'key', content, attributes: readBagAttributes(reader) }];
    }
    case Pkcs12Oid.pkcs8ShroudedKeyBag: {
      const content = readValue((value) => readEncryptedKey(value, opening));
      return [{ kind: 'key', content, attributes: readBagAttributes(reader) }];
    }
    case Pkcs12Oid.certBag: {
      const content = readValue(readCertBag);
      const attributes = readBagAttributes(reader);
      return content === null ? [] : [{ kind: 'certificate', content, attributes }];
    }
    case Pkcs12Oid.safeContentsBag: {
      const bags = readValue((value) => readBags(value, opening));
      readBagAttributes(reader);
      return bags;
    }
    default:
      while (!reader.done) reader.read();
      return [];
  }
}

/** PrivateKeyInfo (RFC 5208 §5) or OneAsymmetricKey (RFC 5958 §2), as it stands. Whose key it is and whether it is sound is not asked. */
export function readPrivateKeyInfoOctets(reader: DerReader): Buffer {
  const element = reader.expect(Tag.Sequence);
  const inner = reader.inside(element);
  readUnsigned(inner);
  inner.expect(Tag.Sequence);
  inner.expect(Tag.OctetString);
  return element.encoded;
}

/** EncryptedPrivateKeyInfo (RFC 5208 §6). */
function readEncryptedKey(reader: DerReader, opening: Opening): Encrypted {
  return reader.enter(Tag.Sequence, (inner) => ({
    encryption: readPasswordEncryption(inner, opening),
    ciphertext: inner.expect(Tag.OctetString).content,
  }));
}

/** The certificate of a CertBag (RFC 7292 §4.2.3); null if it is of another kind than X.509. */
function readCertBag(reader: DerReader): Buffer | null {
  return reader.enter(Tag.Sequence, (inner) => {
    const type = readObjectIdentifier(inner);
    if (type !== Pkcs12Oid.x509Certificate) {
      inner.read();
      return null;
    }
    const certificate = inner.enter(contextConstructed(0), (value) => value.expect(Tag.OctetString).content);
    const { encoded } = parseDer(certificate, (whole) => whole.expect(Tag.Sequence));
    return encoded;
  });
}
