import {
  bitString,
  booleanTrue,
  contextExplicit,
  type DerValue,
  encodeDer,
  encodedSequence,
  objectIdentifier,
  octetString,
  sequence,
  setOfOne,
  smallInteger,
  time,
  unsignedInteger,
  utf8String,
} from './der/writer.ts';

/** One attribute of a name, written as UTF8String in an RDN of its own. */
export interface NamePart {
  readonly oid: string;
  readonly text: string;
}

export interface NewExtension {
  readonly oid: string;
  readonly critical: boolean;
  readonly value: DerValue;
}

/** What a certificate is to say. */
export interface TbsCertificate {
  /** The magnitude of the serial number, big-endian. */
  readonly serialNumber: Uint8Array;
  /** In the order of the encoding. */
  readonly issuer: readonly NamePart[];
  readonly notBefore: Date;
  readonly notAfter: Date;
  readonly subject: readonly NamePart[];
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
    buildName(certificate.issuer),
    sequence(time(certificate.notBefore), time(certificate.notAfter)),
    buildName(certificate.subject),
    encodedSequence(certificate.publicKeyInfo),
    ...(extensions.length === 0 ? [] : [contextExplicit(3, sequence(...extensions.map(buildExtension)))]),
  );
}

/** Puts TBSCertificate and its signature together, as DER. */
export function assembleCertificate(tbs: DerValue, signatureAlgorithm: DerValue, signature: Buffer): Buffer {
  return encodeDer(sequence(tbs, signatureAlgorithm, bitString(signature)));
}

function buildName(parts: readonly NamePart[]): DerValue {
  return sequence(...parts.map(({ oid, text }) => setOfOne(sequence(objectIdentifier(oid), utf8String(text)))));
}

function buildExtension({ oid, critical, value }: NewExtension): DerValue {
  return sequence(objectIdentifier(oid), ...(critical ? [booleanTrue()] : []), octetString(encodeDer(value)));
}
