import type { CertificateFacts, SubjectAltNames } from '../x509/index.ts';
import { escapeNul } from './escaped-text.ts';
import type { CertificateColumns } from './repository-writes.ts';

/** PostgreSQL's largest integer. A path length beyond it (RFC 5280 §4.2.1.9 sets no limit) means the same: no limit that matters. */
const MAX_INTEGER = 2 ** 31 - 1;

/** The columns of what a certificate says. Reads select them; none parses a certificate. */
export function columnsOf(facts: CertificateFacts): Omit<CertificateColumns, 'certificateHoldsKey' | 'chain'> {
  const { subjectAltNames, subjectDer, issuerDer, pathLength, ...columns } = facts;
  return {
    ...columns,
    subjectDer: new Uint8Array(subjectDer),
    issuerDer: new Uint8Array(issuerDer),
    pathLength: pathLength === null ? null : Math.min(pathLength, MAX_INTEGER),
    subjectAltNames: escapeNames(subjectAltNames),
  };
}

function escapeNames(names: SubjectAltNames): Record<string, string[]> {
  return Object.fromEntries(Object.entries(names).map(([kind, values]) => [kind, (values as string[]).map(escapeNul)]));
}
