import type { Chain, ChainCertificate } from '../x509/index.ts';
import { escapeNul, unescapeNul } from './escaped-text.ts';

/** How a chain stands in its column: the same properties, texts escaped, dates in ISO 8601. */
export interface StoredChain {
  readonly certificates: readonly StoredCertificate[];
  readonly truncated: boolean;
}

type StoredCertificate = Stored<Extract<ChainCertificate, { readable: true }>> | Stored<Unreadable>;
type Unreadable = Extract<ChainCertificate, { readable: false }>;
type Stored<Certificate> = {
  readonly [Property in keyof Certificate]: Certificate[Property] extends Date ? string : Certificate[Property];
};

/** What is stored of a chain. An object: pg would send an array as one of PostgreSQL's own. */
export function toColumn({ certificates, truncated }: Chain): StoredChain {
  return { truncated, certificates: certificates.map(store) };
}

/** The chain that was stored. */
export function fromColumn({ certificates, truncated }: StoredChain): Chain {
  return { truncated, certificates: certificates.map(restore) };
}

function store(certificate: ChainCertificate): StoredCertificate {
  if (!certificate.readable) {
    return certificate;
  }
  const { subject, issuer, notBefore, notAfter } = certificate;
  return {
    ...certificate,
    subject: escapeNul(subject),
    issuer: escapeNul(issuer),
    notBefore: notBefore.toISOString(),
    notAfter: notAfter.toISOString(),
  };
}

function restore(certificate: StoredCertificate): ChainCertificate {
  if (!certificate.readable) {
    return certificate;
  }
  const { subject, issuer, notBefore, notAfter } = certificate;
  return {
    ...certificate,
    subject: unescapeNul(subject),
    issuer: unescapeNul(issuer),
    notBefore: new Date(notBefore),
    notAfter: new Date(notAfter),
  };
}
