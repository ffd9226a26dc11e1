/** Encodes DER by hand, so that no test rests on the encoder it tests; encodes nonsense too. */

export function tlv(tag: number, ...content: Uint8Array[]): Buffer {
  const body = Buffer.concat(content);
  if (body.length < 0x80) return Buffer.concat([Buffer.from([tag, body.length]), body]);
  const digits = body.length.toString(16);
  const length = Buffer.from(digits.length % 2 === 0 ? digits : `0${digits}`, 'hex');
  return Buffer.concat([Buffer.from([tag, 0x80 | length.length]), length, body]);
}

export const sequence = (...content: Uint8Array[]): Buffer => tlv(0x30, ...content);
export const hex = (digits: string): Buffer => Buffer.from(digits.replaceAll(' ', ''), 'hex');
export const text = (tag: number, value: string, encoding: BufferEncoding = 'utf8'): Buffer =>
  tlv(tag, Buffer.from(value, encoding));

/** A non-negative INTEGER. */
export function integer(value: bigint): Buffer {
  const digits = value.toString(16);
  const octets = Buffer.from(digits.length % 2 === 0 ? digits : `0${digits}`, 'hex');
  return tlv(0x02, octets.readUInt8(0) >= 0x80 ? Buffer.concat([Buffer.alloc(1), octets]) : octets);
}

export const OID = {
  commonName: hex('06 03 55 04 03'),
  organization: hex('06 03 55 04 0a'),
  street: hex('06 03 55 04 09'),
  serialNumber: hex('06 03 55 04 05'),
  uniqueIdentifier: hex('06 03 55 04 2d'),
  userId: hex('06 0a 09 92 26 89 93 f2 2c 64 01 01'),
  domainComponent: hex('06 0a 09 92 26 89 93 f2 2c 64 01 19'),
  rsaEncryption: hex('06 09 2a 86 48 86 f7 0d 01 01 01'),
  ecdsaWithSha256: hex('06 08 2a 86 48 ce 3d 04 03 02'),
  ecPublicKey: hex('06 07 2a 86 48 ce 3d 02 01'),
  prime256v1: hex('06 08 2a 86 48 ce 3d 03 01 07'),
  ed25519: hex('06 03 2b 65 70'),
};

export const attribute = (oid: Buffer, value: Buffer): Buffer => sequence(oid, value);
export const rdn = (...attributes: Buffer[]): Buffer => tlv(0x31, ...attributes.sort(Buffer.compare));
export const name = (...rdns: Buffer[]): Buffer => sequence(...rdns);
export const commonName = (value: string): Buffer => name(rdn(attribute(OID.commonName, text(0x0c, value))));

/** The members of TBSCertificate, by name. */
export interface CertificateParts {
  readonly version?: Buffer;
  readonly serialNumber?: Buffer;
  readonly signatureAlgorithm?: Buffer;
  readonly issuer?: Buffer;
  readonly notBefore?: Buffer;
  readonly notAfter?: Buffer;
  readonly subject?: Buffer;
  readonly publicKey?: Buffer;
  readonly extensions?: Buffer;
}

/** A certificate with some parts of one's own; it is for an Ed25519 key, and its signature is nonsense. */
export function certificate(parts: CertificateParts = {}): Buffer {
  const algorithm = parts.signatureAlgorithm ?? sequence(OID.ecdsaWithSha256);
  const tbs = sequence(
    parts.version ?? hex('a0 03 02 01 02'),
    parts.serialNumber ?? hex('02 01 05'),
    algorithm,
    parts.issuer ?? commonName('issuer'),
    sequence(parts.notBefore ?? text(0x17, '200101000000Z'), parts.notAfter ?? text(0x17, '300101000000Z')),
    parts.subject ?? commonName('subject'),
    parts.publicKey ?? sequence(sequence(OID.ed25519), tlv(0x03, Buffer.alloc(33))),
    parts.extensions ?? Buffer.alloc(0),
  );
  return sequence(tbs, algorithm, tlv(0x03, Buffer.alloc(9)));
}

export function pem(label: string, der: Buffer): string {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ''].join('\n');
}

export function fromPem(block: string): Buffer {
  return Buffer.from(block.replace(/-----.*-----/g, ''), 'base64');
}
