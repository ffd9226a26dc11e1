import { createHash, randomBytes } from 'node:crypto';
import { DerError, DerLimitError } from '../der/error.ts';
import { type DerReader, parseDer } from '../der/reader.ts';
import { Tag } from '../der/tags.ts';
import {
  bmpString,
  contextExplicit,
  contextPrimitiveValue,
  type DerValue,
  encodeDer,
  nullValue,
  objectIdentifier,
  octetString,
  sequence,
  setOf,
  smallInteger,
} from '../der/writer.ts';
import { BeyondLimits, CannotIssue, NotACertificate, NotAPrivateKey, type X509Error } from '../errors.ts';
import { LIMITS } from '../limits.ts';
import type { Pkcs12Content } from './content.ts';
import { computePkcs12Mac } from './mac.ts';
import { Pkcs12Oid } from './oids.ts';
import { encodePassphrase, type Passphrase } from './passphrase.ts';
import { readPrivateKeyInfoOctets } from './safe-contents.ts';
import { WorkBudget } from './work-budget.ts';
import { countValue, PROFILES, type Profile, SALT_LENGTH, type Sealed } from './write-encryption.ts';

export interface Pkcs12Options {
  /** `legacy` is triple DES and SHA-1, for readers that don't know AES here. Otherwise `modern`. */
  readonly profile?: 'modern' | 'legacy';
  /** Rounds of each key derivation; 100,000 for `modern`, 50,000 for `legacy`. */
  readonly iterations?: number;
}

/**
 * Writes a PKCS#12 file (RFC 7292): the certificates in one encrypted part, the key in another, both under a MAC.
 *
 * `modern` is PBES2 with PBKDF2-HMAC-SHA-256 and AES-256-CBC and an HMAC-SHA-256, which OpenSSL 3, Java since 8u301 and Windows
 * since Server 2019 read. The key and the first certificate get the certificate's SHA-1 as localKeyID, and the friendly name. Java shows
 * certificates without a key only where an attribute of its own says so, which is not written.
 *
 * @param content the first certificate is taken for the key's; a key of any type, which nothing is asked of but its outer form.
 * @param passphrase any Unicode, but Java takes only ASCII. The empty one is allowed, as some readers want it; it protects nothing.
 * @returns DER
 * @throws NotAPrivateKey where the key has not the form of PrivateKeyInfo, NotACertificate where one is no DER SEQUENCE; WrongPassphrase
 * and CannotIssue for a passphrase and a friendly name that are no Unicode; BeyondLimits for a larger file, a longer passphrase or more
 * rounds than `readPkcs12` takes; RangeError for iterations that are no positive integer
 * @example
 * const content = { privateKey: null, certificates: [loadCertificate(certificatePem).der], friendlyName: 'web' };
 * const file = writePkcs12(content, 'passphrase', { profile: 'legacy' });
 * readPkcs12(file, 'passphrase').friendlyName; // → 'web'
 */
export function writePkcs12(content: Pkcs12Content, passphrase: string, options: Pkcs12Options = {}): Buffer {
  checkContent(content);
  const profile = PROFILES[options.profile ?? 'modern'];
  const writing = { ...profile, iterations: options.iterations ?? profile.iterations };
  const encoded = encodePassphrase(passphrase);
  checkIterations(writing, encoded);
  const encrypt = (plaintext: Buffer): Sealed => writing.encrypt(plaintext, encoded, writing.iterations);
  const safes = [...certificateSafe(content, encrypt), ...keySafe(content, encrypt)];
  const authenticated = encodeDer(sequence(...safes));
  const file = encodeDer(sequence(smallInteger(3), dataInfo(authenticated), macData(authenticated, encoded, writing)));
  if (file.length > LIMITS.PKCS12_BYTES) throw new BeyondLimits('PKCS12_BYTES');
  return file;
}

type Encrypting = (plaintext: Buffer) => Sealed;

function certificateSafe({ certificates, ...content }: Pkcs12Content, encrypt: Encrypting): DerValue[] {
  if (certificates.length === 0) return [];
  const bags = certificates.map((certificate, index) => {
    const value = sequence(objectIdentifier(Pkcs12Oid.x509Certificate), contextExplicit(0, octetString(certificate)));
    const attributes = index === 0 ? bagAttributes({ certificates, ...content }) : [];
    return safeBag(Pkcs12Oid.certBag, value, attributes);
  });
  const { algorithm, ciphertext } = encrypt(encodeDer(sequence(...bags)));
  // RFC 5652 §8: EncryptedData, version 0, its content under an IMPLICIT tag.
  const encryptedContent = sequence(objectIdentifier(Pkcs12Oid.data), algorithm, contextPrimitiveValue(0, ciphertext));
  return [contentInfo(Pkcs12Oid.encryptedData, sequence(smallInteger(0), encryptedContent))];
}

function keySafe(content: Pkcs12Content, encrypt: Encrypting): DerValue[] {
  if (content.privateKey === null) return [];
  const { algorithm, ciphertext } = encrypt(content.privateKey);
  const value = sequence(algorithm, octetString(ciphertext));
  const bag = safeBag(Pkcs12Oid.pkcs8ShroudedKeyBag, value, bagAttributes(content));
  return [dataInfo(encodeDer(sequence(bag)))];
}

function bagAttributes({ privateKey, certificates, friendlyName }: Pkcs12Content): DerValue[] {
  const [leaf] = certificates;
  const localKeyId =
    privateKey === null || leaf === undefined
      ? []
      : [attribute(Pkcs12Oid.localKeyId, octetString(createHash('sha1').update(leaf).digest()))];
  return friendlyName === null
    ? localKeyId
    : [attribute(Pkcs12Oid.friendlyName, bmpString(friendlyName)), ...localKeyId];
}

function attribute(oid: string, value: DerValue): DerValue {
  return sequence(objectIdentifier(oid), setOf([value]));
}

function safeBag(oid: string, value: DerValue, attributes: readonly DerValue[]): DerValue {
  const set = attributes.length === 0 ? [] : [setOf(attributes)];
  return sequence(objectIdentifier(oid), contextExplicit(0, value), ...set);
}

function dataInfo(octets: Buffer): DerValue {
  return contentInfo(Pkcs12Oid.data, octetString(octets));
}

function contentInfo(oid: string, content: DerValue): DerValue {
  return sequence(objectIdentifier(oid), contextExplicit(0, content));
}

function macData(authenticated: Buffer, { bmp }: Passphrase, { hash, iterations }: Profile): DerValue {
  const salt = randomBytes(SALT_LENGTH);
  const mac = computePkcs12Mac({ hash, salt, iterations }, bmp[0] ?? Buffer.alloc(0), authenticated);
  const digestInfo = sequence(sequence(objectIdentifier(hash.oid), nullValue()), octetString(mac));
  return sequence(digestInfo, octetString(salt), countValue(iterations));
}

/** For a file with both a key and certificates, counted as the reader will. */
function checkIterations({ iterations, blocks }: Profile, { bmp }: Passphrase): void {
  if (!Number.isInteger(iterations) || iterations < 1) throw new RangeError('iterations must be a positive integer');
  new WorkBudget().charge(iterations * (1 + 2 * blocks) * bmp.length);
}

function checkContent({ privateKey, certificates, friendlyName }: Pkcs12Content): void {
  if (friendlyName !== null && /\p{Surrogate}/u.test(friendlyName)) {
    throw new CannotIssue('TEXT_NOT_UNICODE', 'the friendly name is not well-formed Unicode');
  }
  if (privateKey !== null) checkForm(privateKey, readPrivateKeyInfoOctets, NotAPrivateKey);
  for (const certificate of certificates) checkForm(certificate, readSequence, NotACertificate);
}

const readSequence = (reader: DerReader) => reader.expect(Tag.Sequence);

/** The forms that `readPkcs12` asks for. */
function checkForm(
  der: Buffer,
  read: (reader: DerReader) => unknown,
  Refusal: new (reason: string, cause: unknown) => X509Error,
): void {
  try {
    parseDer(der, read);
  } catch (error) {
    if (error instanceof DerLimitError) throw new BeyondLimits(error.limit, error);
    if (error instanceof DerError) throw new Refusal(error.message, error);
    throw error;
  }
}
