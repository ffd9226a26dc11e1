import 'reflect-metadata';
import { createHash, type KeyObject, webcrypto } from 'node:crypto';
import {
  cryptoProvider,
  PemConverter,
  SubjectAlternativeNameExtension,
  X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509';

/** What `@peculiar/x509` does, for the comparison. */

cryptoProvider.set(webcrypto as webcrypto.Crypto);

export function parse(certificate: string | Buffer): X509Certificate {
  return new X509Certificate(certificate);
}

/** The facts that Certkeep gives too. Its own digests are promises of WebCrypto's; node:crypto's are quicker. */
export function parseAndRead(certificate: string, der: Buffer): unknown[] {
  const { subject, issuer, serialNumber, notBefore, notAfter, publicKey, extensions } = parse(certificate);
  const digests = ['sha1', 'sha256'].map((algorithm) => createHash(algorithm).update(der).digest('hex'));
  return [subject, issuer, serialNumber, notBefore, notAfter, publicKey.algorithm, extensions, ...digests];
}

/** It has no function of its own for this: the PEM is its, WebCrypto does the rest. Nothing is checked. */
export async function importKey(pkcs8: string, algorithm: object): Promise<unknown> {
  const [der = new ArrayBuffer(0)] = PemConverter.decode(pkcs8);
  return webcrypto.subtle.importKey('pkcs8', der, algorithm as webcrypto.EcKeyImportParams, true, ['sign']);
}

export interface SigningKeys {
  readonly publicKey: webcrypto.CryptoKey;
  readonly privateKey: webcrypto.CryptoKey;
  readonly algorithm: object;
}

/** @param algorithm as WebCrypto names it, with its digest */
export async function toSigningKeys(
  keys: { readonly publicKey: KeyObject; readonly privateKey: KeyObject },
  algorithm: object,
): Promise<SigningKeys> {
  const named = algorithm as webcrypto.EcKeyImportParams;
  const [pkcs8, spki] = [
    keys.privateKey.export({ format: 'der', type: 'pkcs8' }),
    keys.publicKey.export({ format: 'der', type: 'spki' }),
  ];
  return {
    algorithm,
    privateKey: await webcrypto.subtle.importKey('pkcs8', pkcs8, named, true, ['sign']),
    publicKey: await webcrypto.subtle.importKey('spki', spki, named, true, ['verify']),
  };
}

/** The same contents as Certkeep's certificate of the same request. */
export async function issue(
  { publicKey, privateKey, algorithm }: SigningKeys,
  names: { readonly issuer: string; readonly subject: string; readonly dns: readonly string[] },
  validity: { readonly notBefore: Date; readonly notAfter: Date },
): Promise<string> {
  const certificate = await X509CertificateGenerator.create({
    serialNumber: '0123456789abcdef',
    issuer: names.issuer,
    subject: names.subject,
    ...validity,
    signingAlgorithm: algorithm,
    publicKey,
    signingKey: privateKey,
    extensions: [
      new SubjectAlternativeNameExtension(
        names.dns.map((value) => ({ type: 'dns', value })),
        true,
      ),
    ],
  });
  return certificate.toString('pem');
}
