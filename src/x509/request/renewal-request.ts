import { loadCertificate } from '../certificate.ts';
import { readCertificate } from '../certificate-structure.ts';
import { booleanTrue, copiedSequence, type DerValue, objectIdentifier, octetString, sequence } from '../der/writer.ts';
import { CannotIssue } from '../errors.ts';
import type { Extension } from '../extensions.ts';
import { describeKey } from '../issuing/key-spec.ts';
import { chooseSignature } from '../issuing/signature-methods.ts';
import { Oid } from '../oids.ts';
import { openLoaded } from '../open-private-key.ts';
import { belongTogether } from '../private-key.ts';
import { signRequest } from './sign-request.ts';

/** What a certificate is for; all other extensions are its CA's to write. */
const KEPT: ReadonlySet<string> = new Set([
  Oid.subjectAltName,
  Oid.basicConstraints,
  Oid.keyUsage,
  Oid.extendedKeyUsage,
]);

/**
 * Makes the certification request (PKCS #10, RFC 2986) for another certificate of the same name, uses and key: the subject byte for byte,
 * and subjectAltName, basicConstraints, keyUsage and extKeyUsage as they stand, malformed ones too, in an extensionRequest attribute
 * (RFC 2985 §5.4.2). What stands twice in the certificate is not asked for, since nobody knows which of the two counts.
 * @param certificateText PEM; of a chain, the first certificate counts
 * @param privateKeyText as `openPrivateKey` takes it: PEM, unencrypted
 * @returns PEM (CERTIFICATE REQUEST) with a trailing newline
 * @throws NotACertificate, NotAPrivateKey, BeyondLimits; CannotIssue: SIGNER_KEY_MISMATCH where the key is not the certificate's,
 * KEY_CANNOT_SIGN, CERTIFICATE_TOO_LARGE
 * @example
 * const { facts } = readCertificateRequest(await requestRenewal(certificatePem, privateKeyPem));
 * [facts.subject, facts.isCa, facts.signatureValid]; // → ['C=DE,O=Example,CN=example.com', true, true]
 */
export async function requestRenewal(certificateText: string, privateKeyText: string): Promise<string> {
  const certificate = loadCertificate(certificateText);
  const { key, loaded } = openLoaded(privateKeyText);
  if (!belongTogether(certificate, loaded)) {
    throw new CannotIssue('SIGNER_KEY_MISMATCH', "the key is not the certificate's");
  }
  const { subject, extensions } = readCertificate(certificate.der);
  const content = { subject: copiedSequence(subject.encoded), extensions: kept(extensions).map(copiedExtension) };
  return signRequest(content, chooseSignature(describeKey(key)), key);
}

function kept(extensions: readonly Extension[]): Extension[] {
  return extensions.filter(
    ({ oid }) => KEPT.has(oid) && extensions.filter((extension) => extension.oid === oid).length === 1,
  );
}

/** RFC 5280 §4.1; the DEFAULT of `critical` is left out. */
function copiedExtension({ oid, critical, value }: Extension): DerValue {
  return sequence(objectIdentifier(oid), ...(critical ? [booleanTrue()] : []), octetString(value));
}
