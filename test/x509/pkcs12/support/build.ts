import { createCipheriv, createHmac, pbkdf2Sync } from 'node:crypto';
import { hex, integer, sequence, tlv } from '../../support/der.ts';

/** Builds PKCS#12 files by hand, nonsense too, so that no test of the reader rests on the writer. */

export const OID = {
  data: hex('06 09 2a 86 48 86 f7 0d 01 07 01'),
  encryptedData: hex('06 09 2a 86 48 86 f7 0d 01 07 06'),
  keyBag: hex('06 0b 2a 86 48 86 f7 0d 01 0c 0a 01 01'),
  shroudedKeyBag: hex('06 0b 2a 86 48 86 f7 0d 01 0c 0a 01 02'),
  certBag: hex('06 0b 2a 86 48 86 f7 0d 01 0c 0a 01 03'),
  crlBag: hex('06 0b 2a 86 48 86 f7 0d 01 0c 0a 01 04'),
  safeContentsBag: hex('06 0b 2a 86 48 86 f7 0d 01 0c 0a 01 06'),
  x509Certificate: hex('06 0a 2a 86 48 86 f7 0d 01 09 16 01'),
  sdsiCertificate: hex('06 0a 2a 86 48 86 f7 0d 01 09 16 02'),
  friendlyName: hex('06 09 2a 86 48 86 f7 0d 01 09 14'),
  localKeyId: hex('06 09 2a 86 48 86 f7 0d 01 09 15'),
  sha1: hex('06 05 2b 0e 03 02 1a'),
  tripleDes: hex('06 0a 2a 86 48 86 f7 0d 01 0c 01 03'),
  pbes2: hex('06 09 2a 86 48 86 f7 0d 01 05 0d'),
  pbkdf2: hex('06 09 2a 86 48 86 f7 0d 01 05 0c'),
  pbmac1: hex('06 09 2a 86 48 86 f7 0d 01 05 0e'),
  scrypt: hex('06 09 2b 06 01 04 01 da 47 04 0b'),
  aes256: hex('06 09 60 86 48 01 65 03 04 01 2a'),
  hmac: {
    sha1: hex('06 08 2a 86 48 86 f7 0d 02 07'),
    sha224: hex('06 08 2a 86 48 86 f7 0d 02 08'),
    sha256: hex('06 08 2a 86 48 86 f7 0d 02 09'),
    sha384: hex('06 08 2a 86 48 86 f7 0d 02 0a'),
    sha512: hex('06 08 2a 86 48 86 f7 0d 02 0b'),
  },
};

export const octets = (content: Uint8Array): Buffer => tlv(0x04, content);
export const explicit = (number: number, ...content: Uint8Array[]): Buffer => tlv(0xa0 | number, ...content);
export const contentInfo = (oid: Buffer, content: Buffer): Buffer => sequence(oid, explicit(0, content));
export const data = (content: Buffer): Buffer => contentInfo(OID.data, octets(content));

export function attributes({ localKeyId, friendlyName }: { localKeyId?: Buffer; friendlyName?: string }): Buffer {
  const id = localKeyId === undefined ? [] : [sequence(OID.localKeyId, tlv(0x31, octets(localKeyId)))];
  const name =
    friendlyName === undefined
      ? []
      : [sequence(OID.friendlyName, tlv(0x31, tlv(0x1e, Buffer.from(friendlyName, 'utf16le').swap16())))];
  return tlv(0x31, ...id, ...name);
}

export const bag = (oid: Buffer, value: Buffer, set: Buffer = Buffer.alloc(0)): Buffer =>
  sequence(oid, explicit(0, value), set);
export const keyBag = (key: Buffer, set?: Buffer): Buffer => bag(OID.keyBag, key, set);
export const certBag = (certificate: Buffer, set?: Buffer): Buffer =>
  bag(OID.certBag, sequence(OID.x509Certificate, explicit(0, octets(certificate))), set);
export const safe = (...bags: Buffer[]): Buffer => data(sequence(...bags));

/** A PFX of such safes, with MacData or without. */
export function pfx(safes: readonly Buffer[], mac: Buffer = Buffer.alloc(0), version = 3n): Buffer {
  return sequence(integer(version), data(sequence(...safes)), mac);
}

export const pbkdf2 = (iterations: bigint, ...rest: Buffer[]): Buffer =>
  sequence(OID.pbkdf2, sequence(octets(Buffer.from('saltsalt')), integer(iterations), ...rest));

export const pbes2 = (derivation: Buffer, iv: Buffer = Buffer.alloc(16)): Buffer =>
  sequence(OID.pbes2, sequence(derivation, sequence(OID.aes256, octets(iv))));

export const tripleDes = (iterations: bigint): Buffer =>
  sequence(OID.tripleDes, sequence(octets(Buffer.from('saltsalt')), integer(iterations)));

export const shroudedKeyBag = (algorithm: Buffer, ciphertext: Buffer = Buffer.alloc(32)): Buffer =>
  bag(OID.shroudedKeyBag, sequence(algorithm, octets(ciphertext)));

/** A safe that is encrypted; its content under the tag given, in one piece. */
export const encryptedSafe = (algorithm: Buffer, content: Buffer = tlv(0x80, Buffer.alloc(32))): Buffer =>
  contentInfo(OID.encryptedData, sequence(integer(0n), sequence(OID.data, algorithm, content)));

/** MacData of RFC 7292, with any digest. */
export const macData = (
  iterations: bigint,
  digest: Buffer = Buffer.alloc(20),
  salt: Buffer = Buffer.alloc(8),
): Buffer => sequence(sequence(sequence(OID.sha1, hex('05 00')), octets(digest)), octets(salt), integer(iterations));

export function aes256(key: Buffer, plaintext: Buffer): Buffer {
  const cipher = createCipheriv('aes-256-cbc', key, Buffer.alloc(16));
  return Buffer.concat([cipher.update(plaintext), cipher.final()]);
}

export interface Pbmac1 {
  readonly passphrase: string;
  readonly mac: keyof typeof OID.hmac;
  readonly prf: keyof typeof OID.hmac;
  readonly iterations: number;
  readonly keyLength: number;
  /** What the file says, where it lies. */
  readonly stated?: { readonly iterations?: bigint; readonly salt?: string; readonly keyLength?: Buffer };
}

/** MacData of RFC 9579 over what these safes encode to. */
export function pbmac1Data(safes: readonly Buffer[], { passphrase, mac, prf, ...how }: Pbmac1): Buffer {
  const key = pbkdf2Sync(passphrase, 'saltsalt', how.iterations, how.keyLength, prf);
  const digest = createHmac(mac, key)
    .update(sequence(...safes))
    .digest();
  const derivation = sequence(
    OID.pbkdf2,
    sequence(
      octets(Buffer.from(how.stated?.salt ?? 'saltsalt')),
      integer(how.stated?.iterations ?? BigInt(how.iterations)),
      how.stated?.keyLength ?? integer(BigInt(how.keyLength)),
      sequence(OID.hmac[prf], hex('05 00')),
    ),
  );
  const scheme = sequence(OID.pbmac1, sequence(derivation, sequence(OID.hmac[mac], hex('05 00'))));
  // The salt here is not to be used (RFC 9579 §4), nor is the count, which is left out.
  return sequence(sequence(scheme, octets(digest)), octets(Buffer.from('unused')));
}
