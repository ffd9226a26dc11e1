import {
  type CertificateFacts,
  formatOneLine,
  hashName,
  readCommonName,
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
  return {
    ...columns,
    subjectDer: new Uint8Array(subjectDer),
    issuerDer: new Uint8Array(issuerDer),
    commonName: commonNameOf(subjectDer),
    subjectOneLine: orNull(() => formatOneLine(subjectDer)),
    issuerOneLine: orNull(() => formatOneLine(issuerDer)),
    subjectHash: orNull(() => hashName(subjectDer)),
    issuerHash: orNull(() => hashName(issuerDer)),
    pathLength: pathLength === null ? null : Math.min(pathLength, MAX_INTEGER),
    subjectAltNames: escapeNames(subjectAltNames),
  };
}

function commonNameOf(subjectDer: Buffer): string | null {
  const text = orNull(() => readCommonName(subjectDer));
  return text === null ? null : escapeNul(text);
}

/** A name that OpenSSL would not read is a name all the same. */
function orNull<T>(read: () => T): T | null {
  try {
    return read();
  } catch (error) {
    if (error instanceof X509Error) {
      return null;
    }
    throw error;
  }
}

function escapeNames(names: SubjectAltNames): Record<string, string[]> {
  return Object.fromEntries(Object.entries(names).map(([kind, values]) => [kind, (values as string[]).map(escapeNul)]));
}
