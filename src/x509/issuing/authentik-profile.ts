import { randomUUID } from 'node:crypto';
import { contextPrimitiveValue, encodeDer, sequence } from '../der/writer.ts';
import { Oid } from '../oids.ts';
import { writePem } from '../pem.ts';
import { type AuthentikRequest, checkAuthentikRequest, cutCommonName, validityOf } from './authentik-request.ts';
import { exportGeneratedKey, type GeneratedKeyPair } from './key-generation.ts';
import { describeKey } from './key-spec.ts';
import { buildName, type NewName } from './names.ts';
import { chooseSignature } from './signature-methods.ts';
import { signValue } from './signing.ts';
import { buildTbsCertificate, type NewExtension, type TbsCertificate } from './tbs-certificate.ts';

export interface IssuedKeypair {
  /** PEM with a trailing newline. */
  readonly certificate: string;
  /** PEM with a trailing newline, in the format authentik uses for the algorithm. */
  readonly privateKey: string;
}

/**
 * Issues a certificate in the profile of authentik's `generate` (contract §1.4): signed with its own key under an issuer that is
 * another name, version 3, valid from a day ago, no extension but the critical subjectAltName.
 *
 * @param request texts as they are to read; the validity in whole days from `now`
 * @param keys any that `generateKeyPair` made
 * @throws CannotIssue as `checkAuthentikRequest`.
 * @example
 * const request = { commonName: 'a.example', subjectAltNames: ['a.example'], validityDays: 30, issuerCommonName: 'CA', now: new Date() };
 * const { certificate } = await issueAuthentikProfile(request, await generateKeyPair('ecdsa'));
 * loadCertificate(certificate).facts.subject; // → 'OU=Self-signed,O=authentik,CN=a.example'
 * loadCertificate(certificate).facts.issuer; // → 'CN=CA'
 */
export async function issueAuthentikProfile(request: AuthentikRequest, keys: GeneratedKeyPair): Promise<IssuedKeypair> {
  checkAuthentikRequest(request);
  const method = chooseSignature(describeKey(keys.privateKey));
  const tbs = buildTbsCertificate(describe(request, keys), method.algorithm);
  return {
    certificate: writePem('CERTIFICATE', await signValue(tbs, method, keys.privateKey)),
    privateKey: exportGeneratedKey(keys),
  };
}

function describe(request: AuthentikRequest, { publicKey }: GeneratedKeyPair): TbsCertificate {
  return {
    serialNumber: Buffer.from(randomUUID().replaceAll('-', ''), 'hex'),
    issuer: encodeDer(buildName([{ type: 'CN', value: request.issuerCommonName }])),
    ...validityOf(request),
    subject: encodeDer(buildName(authentikSubject(request))),
    publicKeyInfo: publicKey.export({ format: 'der', type: 'spki' }),
    extensions: request.subjectAltNames.length === 0 ? [] : [buildSubjectAltName(request.subjectAltNames)],
  };
}

/** The subject of what authentik generates. */
export function authentikSubject({ commonName }: Pick<AuthentikRequest, 'commonName'>): NewName {
  return [
    { type: 'CN', value: cutCommonName(commonName) },
    { type: 'O', value: 'authentik' },
    { type: 'OU', value: 'Self-signed' },
  ];
}

function buildSubjectAltName(names: readonly string[]): NewExtension {
  // RFC 5280 §4.2.1.6: dNSName is [2].
  const dnsNames = names.map((name) => contextPrimitiveValue(2, Buffer.from(name, 'latin1')));
  return { oid: Oid.subjectAltName, critical: true, value: sequence(...dnsNames) };
}
