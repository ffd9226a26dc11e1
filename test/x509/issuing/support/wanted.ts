import type { KeyObject } from 'node:crypto';
import {
  type CertificateAuthority,
  issueCertificate,
  type NewCertificate,
  openAuthority,
} from '../../../../src/x509/index.ts';

const DAY = 86_400_000;

/** A validity that is on: from a day ago, for so many days from now. */
export function validFor(days: number): Pick<NewCertificate, 'notBefore' | 'notAfter'> {
  const now = Math.floor(Date.now() / 1000) * 1000;
  return { notBefore: new Date(now - DAY), notAfter: new Date(now + days * DAY) };
}

export interface Keys {
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}

export const pkcs8 = ({ privateKey }: Keys): string => privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();

/** A root of one's own, and the same opened for signing. */
export async function newRoot(
  keys: Keys,
  wanted: Partial<NewCertificate> = {},
): Promise<{ certificate: string; authority: CertificateAuthority }> {
  const all = { subject: [{ type: 'CN', value: 'Root' }], ...validFor(100), isCa: true, ...wanted };
  const certificate = await issueCertificate(all, keys.publicKey, keys.privateKey);
  return { certificate, authority: openAuthority(certificate, pkcs8(keys)) };
}

/** A leaf for TLS. */
export const leaf = (changes: Partial<NewCertificate> = {}): NewCertificate => ({
  subject: [{ type: 'CN', value: 'leaf.example' }],
  subjectAltNames: { dns: ['leaf.example'] },
  ...validFor(10),
  ...changes,
});
