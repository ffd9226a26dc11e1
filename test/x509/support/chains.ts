import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openssl, type PemPair } from '../../support/openssl.ts';

export const P256 = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1'];

export interface Issuing {
  /** Signs itself without one. */
  readonly issuer?: PemPair;
  /** `-newkey` and its options, and the digest. */
  readonly algorithm?: readonly string[];
  readonly isCa?: boolean;
  /** Of the certificate; a new one of the algorithm without it. */
  readonly privateKey?: string;
}

/** A certificate that openssl issued, by itself or by another; its subject is the common name alone. */
export function opensslIssued(
  commonName: string,
  { issuer, algorithm = P256, isCa = true, privateKey }: Issuing = {},
): PemPair {
  const directory = mkdtempSync(join(tmpdir(), 'certkeep-chain-'));
  const file = (name: string) => join(directory, name);
  try {
    const signer = issuer === undefined ? [] : ['-CA', file('ca.pem'), '-CAkey', file('ca.key')];
    if (issuer !== undefined) {
      writeFileSync(file('ca.pem'), issuer.certificate);
      writeFileSync(file('ca.key'), issuer.privateKey);
    }
    const constraints = ['-addext', `basicConstraints=critical,CA:${isCa ? 'TRUE' : 'FALSE'}`];
    if (privateKey !== undefined) {
      writeFileSync(file('key.pem'), privateKey);
    }
    const key = privateKey === undefined ? [...algorithm, '-keyout', file('key.pem')] : ['-key', file('key.pem')];
    const files = [...key, '-out', file('certificate.pem')];
    openssl([
      ...['req', '-x509', '-nodes', '-subj', `/CN=${commonName}`, '-days', '30'],
      ...[...constraints, ...signer, ...files],
    ]);
    return {
      certificate: readFileSync(file('certificate.pem'), 'utf8'),
      privateKey: readFileSync(file('key.pem'), 'utf8'),
    };
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** Leaf, intermediate and root, in this order. */
export function opensslChain(name: string, algorithm: readonly string[] = P256): readonly [PemPair, PemPair, PemPair] {
  const root = opensslIssued(`${name} root`, { algorithm });
  const intermediate = opensslIssued(`${name} intermediate`, { issuer: root, algorithm });
  return [opensslIssued(`${name} leaf`, { issuer: intermediate, algorithm, isCa: false }), intermediate, root];
}

export const textOf = (pairs: readonly PemPair[]): string => pairs.map(({ certificate }) => certificate).join('');

/** What openssl prints of a certificate, in the words of `ChainCertificate`. */
export function opensslFacts(certificate: string) {
  const printed = openssl(
    [
      'x509',
      '-noout',
      '-subject',
      '-issuer',
      '-serial',
      '-startdate',
      '-enddate',
      '-fingerprint',
      '-sha256',
      '-nameopt',
      'RFC2253',
    ],
    certificate,
  );
  const value = (name: string) => new RegExp(`^${name}=(.*)$`, 'im').exec(printed)?.[1] ?? '';
  return {
    subject: value('subject'),
    issuer: value('issuer'),
    serialNumber: value('serial').toLowerCase().replace(/^0+/, ''),
    notBefore: new Date(value('notBefore')),
    notAfter: new Date(value('notAfter')),
    fingerprintSha256: value('sha256 fingerprint').toLowerCase(),
  };
}
