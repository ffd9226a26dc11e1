import { DerError } from '../der/error.ts';
import { readSmall } from '../der/integer.ts';
import { readObjectIdentifier } from '../der/object-identifier.ts';
import { type DerReader, parseDer } from '../der/reader.ts';
import { contextConstructed, contextPrimitive, Tag } from '../der/tags.ts';
import { normalizeBer } from './ber.ts';
import { type Mac, readMac } from './mac.ts';
import { Pkcs12Oid } from './oids.ts';
import { type Encrypted, type Opening, readPasswordEncryption } from './password-encryption.ts';
import { type Bag, readSafeContents } from './safe-contents.ts';

/** A PFX (RFC 7292 §4), nothing decrypted yet. */
export interface Pfx {
  /** What the MAC is of: the octets of AuthenticatedSafe as they stand in the file. */
  readonly authenticated: Buffer;
  readonly mac: Mac | null;
  /** In the order of the file. An encrypted one holds SafeContents. */
  readonly safes: readonly (readonly Bag[] | Encrypted)[];
}

const VERSION = 3;

/**
 * Reads a PFX whose integrity is protected by a passphrase or not at all; not one that is signed.
 * @param ber the whole file.
 * @throws DerError, BeyondLimits
 */
export function readPfx(ber: Buffer, opening: Opening): Pfx {
  return parseDer(normalizeBer(ber), (reader) =>
    reader.enter(Tag.Sequence, (pfx) => {
      if (readSmall(pfx, 8) !== VERSION) throw new DerError('a PFX of an unknown version');
      const authenticated = readContentInfo(pfx, { [Pkcs12Oid.data]: readData });
      const mac = pfx.done ? null : readMac(pfx, opening);
      return { authenticated, mac, safes: readAuthenticatedSafe(authenticated, opening) };
    }),
  );
}

function readAuthenticatedSafe(ber: Buffer, opening: Opening): Pfx['safes'] {
  const readers = {
    [Pkcs12Oid.data]: (reader: DerReader) => readSafeContents(readData(reader), opening),
    [Pkcs12Oid.encryptedData]: (reader: DerReader) => readEncryptedData(reader, opening),
  };
  return parseDer(normalizeBer(ber), (reader) =>
    reader.enter(Tag.Sequence, (inner) => {
      const safes: (Bag[] | Encrypted)[] = [];
      while (!inner.done) safes.push(readContentInfo<Bag[] | Encrypted>(inner, readers));
      return safes;
    }),
  );
}

/** ContentInfo (RFC 5652 §3) of one of the types in `readers`. */
function readContentInfo<T>(reader: DerReader, readers: Readonly<Record<string, (content: DerReader) => T>>): T {
  return reader.enter(Tag.Sequence, (inner) => {
    const type = readObjectIdentifier(inner);
    const read = Object.hasOwn(readers, type) ? readers[type] : undefined;
    if (read === undefined) throw new DerError('a content that is signed, or encrypted to a public key');
    return inner.enter(contextConstructed(0), read);
  });
}

function readData(reader: DerReader): Buffer {
  return reader.expect(Tag.OctetString).content;
}

/** EncryptedData (RFC 5652 §8). */
function readEncryptedData(reader: DerReader, opening: Opening): Encrypted {
  return reader.enter(Tag.Sequence, (inner) => {
    readSmall(inner, 8);
    const encrypted = inner.enter(Tag.Sequence, (content) => {
      if (readObjectIdentifier(content) !== Pkcs12Oid.data) throw new DerError('encrypted content of an unknown type');
      return { encryption: readPasswordEncryption(content, opening), ciphertext: readEncryptedContent(content) };
    });
    inner.optional(contextConstructed(1));
    return encrypted;
  });
}

/** [0] IMPLICIT OCTET STRING. Its tag hides from `normalizeBer` that it is one, so that it may still be in parts. */
function readEncryptedContent(reader: DerReader): Buffer {
  const whole = reader.optional(contextPrimitive(0));
  if (whole !== null) return whole.content;
  return reader.enter(contextConstructed(0), (inner) => {
    const parts: Buffer[] = [];
    while (!inner.done) parts.push(readData(inner));
    return Buffer.concat(parts);
  });
}
