import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { SealBroken } from './errors.ts';
import { KEK_BYTES } from './kek.ts';

/** docs/decisions/0003-sealing-format.md. Another layout gets another number, and both are opened. */
export const FORMAT_VERSION = 1;

const CIPHER = 'aes-256-gcm';
/** NIST SP 800-38D §8.2.2: random nonces of 96 bits. A data key seals once, a KEK far fewer than 2^32 times. */
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

export type Bytes = Uint8Array<ArrayBuffer>;
export type SecretPurpose = 'certificate_data' | 'private_key';

/** Which secret a record holds, and of which state of which row. Bound into both layers, so that no record passes for another. */
export interface SealedIdentity {
  readonly purpose: SecretPurpose;
  /** The UUID of the keypair, dashed. */
  readonly rowId: string;
  /** The keypair's revision at which the secret was sealed. */
  readonly revision: number;
}

/** A secret under a data key of its own, and that data key under the KEK. */
export interface SealedRecord {
  readonly formatVersion: number;
  readonly wrapNonce: Bytes;
  /** The data key's ciphertext, then the tag. */
  readonly wrappedKey: Bytes;
  readonly nonce: Bytes;
  readonly ciphertext: Bytes;
  readonly tag: Bytes;
}

/**
 * Seals a secret under a new data key.
 *
 * @param kek 32 bytes
 * @param secret text, sealed as UTF-8
 */
export function sealSecret(kek: Uint8Array, identity: SealedIdentity, secret: string): SealedRecord {
  const associated = associatedData(FORMAT_VERSION, identity);
  const dataKey = randomBytes(KEK_BYTES);
  try {
    const body = encrypt(dataKey, associated, Buffer.from(secret, 'utf8'));
    return {
      formatVersion: FORMAT_VERSION,
      ...wrapDataKey(kek, associated, dataKey),
      nonce: body.nonce,
      ciphertext: body.ciphertext,
      tag: body.tag,
    };
  } finally {
    dataKey.fill(0);
  }
}

/**
 * Opens what {@link sealSecret} sealed.
 *
 * @param identity what the row says that the record must be; a record sealed as anything else does not open
 * @throws {SealBroken} where a byte of the record or of its identity differs
 */
export function openSecret(kek: Uint8Array, identity: SealedIdentity, record: SealedRecord): string {
  return withOpened(kek, identity, record, ({ text }) => text.toString('utf8'));
}

/** What of a record changes when another KEK takes over. */
export type Wrap = Pick<SealedRecord, 'wrapNonce' | 'wrappedKey'>;

/**
 * Wraps the data key of a record under another KEK; the sealed text stays as it is, but must open: what was tampered with is found here
 * and not only when somebody asks for it.
 *
 * @param from the KEK that wraps it now, 32 bytes
 * @param to the KEK that shall
 * @throws {SealBroken} where the record does not open as `identity`
 */
export function rewrapSecret(from: Uint8Array, to: Uint8Array, identity: SealedIdentity, record: SealedRecord): Wrap {
  return withOpened(from, identity, record, ({ dataKey }) =>
    wrapDataKey(to, associatedData(record.formatVersion, identity), dataKey),
  );
}

function wrapDataKey(kek: Uint8Array, associated: Uint8Array, dataKey: Uint8Array): Wrap {
  const { nonce, ciphertext, tag } = encrypt(kek, associated, dataKey);
  return { wrapNonce: nonce, wrappedKey: Buffer.concat([ciphertext, tag]) };
}

/** Opens both layers for as long as `use` takes. */
function withOpened<T>(
  kek: Uint8Array,
  identity: SealedIdentity,
  record: SealedRecord,
  use: (opened: { readonly dataKey: Buffer; readonly text: Buffer }) => T,
): T {
  const opened = openLayers(kek, identity, record);
  try {
    return use(opened);
  } finally {
    opened.dataKey.fill(0);
    opened.text.fill(0);
  }
}

function openLayers(kek: Uint8Array, identity: SealedIdentity, record: SealedRecord) {
  if (record.formatVersion !== FORMAT_VERSION || record.wrappedKey.length !== KEK_BYTES + TAG_BYTES) {
    throw new SealBroken(identity);
  }
  const associated = associatedData(record.formatVersion, identity);
  try {
    const dataKey = decrypt(kek, associated, {
      nonce: record.wrapNonce,
      ciphertext: record.wrappedKey.subarray(0, KEK_BYTES),
      tag: record.wrappedKey.subarray(KEK_BYTES),
    });
    return { dataKey, text: decrypt(dataKey, associated, record) };
  } catch {
    throw new SealBroken(identity);
  }
}

/** The text that a KEK's canary seals. */
const CANARY = Buffer.from('certkeep canary', 'utf8');

/** Seals the canary of a KEK: nonce ‖ tag ‖ ciphertext. */
export function sealCanary(kek: Uint8Array, kekId: string): Bytes {
  const { nonce, tag, ciphertext } = encrypt(kek, canaryAssociatedData(kekId), CANARY);
  return Buffer.concat([nonce, tag, ciphertext]);
}

/** Whether this is the KEK that sealed the canary. */
export function opensCanary(kek: Uint8Array, kekId: string, canary: Uint8Array): boolean {
  try {
    const opened = decrypt(kek, canaryAssociatedData(kekId), {
      nonce: canary.subarray(0, NONCE_BYTES),
      tag: canary.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES),
      ciphertext: canary.subarray(NONCE_BYTES + TAG_BYTES),
    });
    return opened.equals(CANARY);
  } catch {
    return false;
  }
}

interface Encrypted {
  readonly nonce: Uint8Array;
  readonly ciphertext: Uint8Array;
  readonly tag: Uint8Array;
}

function encrypt(key: Uint8Array, associated: Uint8Array, plaintext: Uint8Array) {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(associated);
  const ciphertext = Buffer.concat([cipher.update(plaintext), cipher.final()]);
  return { nonce, ciphertext, tag: Buffer.from(cipher.getAuthTag()) };
}

function decrypt(key: Uint8Array, associated: Uint8Array, { nonce, ciphertext, tag }: Encrypted): Buffer {
  const decipher = createDecipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES });
  decipher.setAAD(associated);
  decipher.setAuthTag(tag);
  return Buffer.concat([decipher.update(ciphertext), decipher.final()]);
}

/** version (1 byte) ‖ purpose (length in 1 byte, then ASCII) ‖ row id (16 bytes) ‖ revision (8 bytes, big endian). */
function associatedData(version: number, { purpose, rowId, revision }: SealedIdentity): Buffer {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(revision));
  return Buffer.concat([label(version, purpose), uuidBytes(rowId), counter]);
}

function canaryAssociatedData(kekId: string): Buffer {
  return Buffer.concat([label(FORMAT_VERSION, 'kek_canary'), uuidBytes(kekId)]);
}

function label(version: number, purpose: string): Buffer {
  return Buffer.concat([Buffer.from([version, purpose.length]), Buffer.from(purpose, 'latin1')]);
}

function uuidBytes(uuid: string): Buffer {
  return Buffer.from(uuid.replaceAll('-', ''), 'hex');
}
