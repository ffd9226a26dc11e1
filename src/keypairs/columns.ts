import {
  type CertificateFacts,
  type NameForms,
  readNameForms,
  type SubjectAltNames,
  X509Error,
} from '../x509/index.ts';
import { escapeNul } from './escaped-text.ts';
import type { CertificateColumns } from './repository-writes.ts';

/** PostgreSQL's largest integer. A path length beyond it (RFC 5280 §4.2.1.9 sets no limit) means the same: no limit that matters. */
const MAX_INTEGER = 2 ** 31 - 1;

/** The columns of what a certificate says. Reads select them; none parses a certificate. */
export function columnsOf(facts: CertificateFacts): Omit<CertificateColumns, 'certificateHoldsKey' | 'chain'> {
  const { subjectAltNames, subjectDer, issuerDer, pathLength, ...columns } = facts;
  const subject = formsOf(subjectDer);
  const issuer = issuerDer.equals(subjectDer) ? subject : formsOf(issuerDer);
  return {
    ...columns,
    subjectDer: new Uint8Array(subjectDer),
    issuerDer: new Uint8Array(issuerDer),
    commonName: subject.commonName === null ? null : escapeNul(subject.commonName),
    subjectOneLine: subject.oneLine,
    issuerOneLine: issuer.oneLine,
    subjectHash: subject.hash,
    issuerHash: issuer.hash,
    pathLength: pathLength === null ? null : Math.min(pathLength, MAX_INTEGER),
    subjectAltNames: escapeNames(subjectAltNames),
  };
}

const NO_FORMS: NameForms = { commonName: null, oneLine: null, hash: null };

/** A name that OpenSSL would not read is a name all the same. */
function formsOf(nameDer: Buffer): NameForms {
  try {
    return readNameForms(nameDer);
  } catch (error) {
    if (error instanceof X509Error) {
      return NO_FORMS;
    }
    throw error;
  }
}

function escapeNames(names: SubjectAltNames): Record<string, string[]> {
  return Object.fromEntries(Object.entries(names).map(([kind, values]) => [kind, (values as string[]).map(escapeNul)]));
}
