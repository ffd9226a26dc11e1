import {
  booleanTrue,
  contextExplicit,
  copiedSequence,
  type DerValue,
  encodeDer,
  objectIdentifier,
  octetString,
  sequence,
  smallInteger,
  time,
  unsignedInteger,
} from '../der/writer.ts';

/** An extension that is to be written (RFC 5280 §4.1.2.9). */
export interface NewExtension {
  readonly oid: string;
  readonly critical: boolean;
  readonly value: DerValue;
}

/** What a certificate is to say. */
export interface TbsCertificate {
  /** The magnitude of the serial number, big-endian. */
  readonly serialNumber: Uint8Array;
  /** DER of the Name; it is written byte for byte. */
  readonly issuer: Buffer;
  readonly notBefore: Date;
  readonly notAfter: Date;
  /** DER of the Name. */
  readonly subject: Buffer;
  /** DER of the SubjectPublicKeyInfo. */
  readonly publicKeyInfo: Buffer;
  readonly extensions: readonly NewExtension[];
}

/**
 * Encodes TBSCertificate (RFC 5280 §4.1.2), version 3; without extensions, the field is left out.
 * @param signatureAlgorithm the AlgorithmIdentifier of the signature to come.
 */
export function buildTbsCertificate(certificate: TbsCertificate, signatureAlgorithm: DerValue): DerValue {
  const { extensions } = certificate;
  return sequence(
    contextExplicit(0, smallInteger(2)),
    unsignedInteger(certificate.serialNumber),
    signatureAlgorithm,
    copiedSequence(certificate.issuer),
    sequence(time(certificate.notBefore), time(certificate.notAfter)),
    copiedSequence(certificate.subject),
    copiedSequence(certificate.publicKeyInfo),
    ...(extensions.length === 0 ? [] : [contextExplicit(3, sequence(...extensions.map(buildExtension)))]),
  );
}

/** Extension (RFC 5280 §4.1), also as a request asks for one (RFC 2985 §5.4.2). */
export function buildExtension({ oid, critical, value }: NewExtension): DerValue {
  return sequence(objectIdentifier(oid), ...(critical ? [booleanTrue()] : []), octetString(encodeDer(value)));
}
