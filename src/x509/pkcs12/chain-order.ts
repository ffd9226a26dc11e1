import { type CertificateStructure, readCertificate } from '../certificate-structure.ts';
import { DerError, DerLimitError } from '../der/error.ts';
import { type Budget, fullBudget } from '../der/reader.ts';
import { readAuthorityKeyId, readSubjectKeyId } from '../extensions.ts';
import type { CertificateBag } from './safe-contents.ts';

/** A certificate of the file. */
export interface BaggedCertificate {
  readonly bag: CertificateBag;
  /** Null for one that pyca would not load: it is handed on, but nothing is known of it. */
  readonly structure: CertificateStructure | null;
}

/** No chain is longer, but a file has room for one of a thousand, each link of which takes a look at all others. */
const MAX_CHAIN = 100;

/** Reads the certificates of a file, on one budget. @throws DerLimitError */
export function readBaggedCertificates(bags: readonly CertificateBag[]): BaggedCertificate[] {
  const budget = fullBudget();
  return bags.map((bag) => ({ bag, structure: readOrNull(bag.content, budget) }));
}

/**
 * Puts `leaf` first, then its issuer, the issuer's issuer and so on as far as there are any by name and key id, then the others in the
 * order of the file. No signature is verified.
 */
export function orderByIssuing(
  certificates: readonly BaggedCertificate[],
  leaf: BaggedCertificate,
): BaggedCertificate[] {
  const bySubject = new Map<string, BaggedCertificate[]>();
  for (const certificate of certificates) {
    if (certificate.structure === null) continue;
    const subject = nameKey(certificate.structure.subject);
    bySubject.set(subject, [...(bySubject.get(subject) ?? []), certificate]);
  }
  const chain = new Set<BaggedCertificate>();
  for (
    let next: BaggedCertificate | undefined = leaf;
    next !== undefined && !chain.has(next) && chain.size < MAX_CHAIN;
  ) {
    chain.add(next);
    next = findIssuer(next.structure, bySubject);
  }
  return [...chain, ...certificates.filter((certificate) => !chain.has(certificate))];
}

/** Of several by that name the one with the key id that the certificate names, otherwise the first; none for a self-issued one. */
function findIssuer(
  structure: CertificateStructure | null,
  bySubject: ReadonlyMap<string, readonly BaggedCertificate[]>,
): BaggedCertificate | undefined {
  if (structure === null || structure.issuer.encoded.equals(structure.subject.encoded)) return undefined;
  const issuers = bySubject.get(nameKey(structure.issuer)) ?? [];
  const keyId = readAuthorityKeyId(structure.extensions);
  const named = issuers.find(
    (issuer) => keyId !== null && readSubjectKeyId(issuer.structure?.extensions ?? []) === keyId,
  );
  return named ?? issuers[0];
}

function nameKey({ encoded }: CertificateStructure['subject']): string {
  return encoded.toString('latin1');
}

function readOrNull(der: Buffer, budget: Budget): CertificateStructure | null {
  try {
    return readCertificate(der, budget);
  } catch (error) {
    if (error instanceof DerError && !(error instanceof DerLimitError)) return null;
    throw error;
  }
}
