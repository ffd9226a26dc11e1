import type { CertificateFacts, SubjectAltNames } from '../x509/index.ts';
import type { CertificateColumns } from './repository-writes.ts';

/** The columns of what a certificate says. Reads select them; none parses a certificate. */
export function columnsOf(facts: CertificateFacts): CertificateColumns {
  const { subjectAltNames, ...columns } = facts;
  return { ...columns, subjectAltNames: escapeNames(subjectAltNames) };
}

function escapeNames(names: SubjectAltNames): Record<string, string[]> {
  return Object.fromEntries(Object.entries(names).map(([kind, values]) => [kind, (values as string[]).map(escapeNul)]));
}

/** jsonb refuses U+0000, which a subject alternative name may hold: it is stored as `\0`, and a backslash as two. */
function escapeNul(text: string): string {
  return text.replaceAll('\\', String.raw`\\`).replaceAll('\0', String.raw`\0`);
}
