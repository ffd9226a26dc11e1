import { randomUUID } from 'node:crypto';
import { type AuthentikRequest, checkAuthentikRequest, cutCommonName, validityOf } from './authentik-request.ts';
import { contextPrimitiveValue, encodeDer, sequence } from './der/writer.ts';
import { exportPrivateKey, type GeneratedKeyPair } from './key-generation.ts';
import { Oid } from './oids.ts';
import { writePem } from './pem.ts';
import { signatureAlgorithmOf, signBytes } from './signing.ts';
import { assembleCertificate, buildTbsCertificate, type NewExtension, type TbsCertificate } from './tbs-certificate.ts';

export interface IssuedKeypair {
  /** PEM with a trailing newline. */
  readonly certificate: string;
  /** PEM with a trailing newline, in the format authentik uses for the algorithm. */
  readonly privateKey: string;
}

/**
 * Issues a certificate in the profile of authentik's `generate` (contract §1.4): signed with its own key under an issuer that is
 * another name, version 3, valid from a day ago, no extension but the critical subjectAltName.
 * @throws CannotIssue as `checkAuthentikRequest`.
 */
export async function issueAuthentikProfile(request: AuthentikRequest, keys: GeneratedKeyPair): Promise<IssuedKeypair> {
  checkAuthentikRequest(request);
  const signatureAlgorithm = signatureAlgorithmOf(keys.algorithm);
  const tbs = buildTbsCertificate(describe(request, keys), signatureAlgorithm);
  const signature = await signBytes(keys.algorithm, keys.privateKey, encodeDer(tbs));
  return {
    certificate: writePem('CERTIFICATE', assembleCertificate(tbs, signatureAlgorithm, signature)),
    privateKey: exportPrivateKey(keys),
  };
}

function describe(request: AuthentikRequest, { publicKey }: GeneratedKeyPair): TbsCertificate {
  return {
    serialNumber: Buffer.from(randomUUID().replaceAll('-', ''), 'hex'),
    issuer: [{ oid: Oid.commonName, text: request.issuerCommonName }],
    ...validityOf(request),
    subject: [
      { oid: Oid.commonName, text: cutCommonName(request.commonName) },
      { oid: Oid.organization, text: 'authentik' },
      { oid: Oid.organizationalUnit, text: 'Self-signed' },
    ],
    publicKeyInfo: publicKey.export({ format: 'der', type: 'spki' }),
    extensions: request.subjectAltNames.length === 0 ? [] : [buildSubjectAltName(request.subjectAltNames)],
  };
}

function buildSubjectAltName(names: readonly string[]): NewExtension {
  // RFC 5280 §4.2.1.6: dNSName is [2].
  const dnsNames = names.map((name) => contextPrimitiveValue(2, Buffer.from(name, 'latin1')));
  return { oid: Oid.subjectAltName, critical: true, value: sequence(...dnsNames) };
}
