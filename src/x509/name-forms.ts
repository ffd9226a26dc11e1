import { commonNameIn } from './common-name.ts';
import { hashRead } from './openssl-name/name-hash.ts';
import { formatRead } from './openssl-name/one-line.ts';
import { readOpensslName } from './openssl-name/openssl-name.ts';

/** What people and OpenSSL's directories know a name by. */
export interface NameForms {
  /** As `readCommonName` gives it. */
  readonly commonName: string | null;
  /** As `formatOneLine` gives it. */
  readonly oneLine: string | null;
  /** As `hashName` gives it. */
  readonly hash: string | null;
}

/**
 * All three forms of a Name, for the price of reading it once.
 * @param nameDer the DER of a Name (RFC 5280 §4.1.2.4), for example `subjectDer` of a certificate's facts.
 * @throws NotAName, BeyondLimits
 * @example
 * const { facts } = loadCertificate(certificatePem);
 * readNameForms(facts.subjectDer).commonName; // → 'example.com'
 */
export function readNameForms(nameDer: Buffer): NameForms {
  const name = readOpensslName(nameDer);
  return { commonName: commonNameIn(name), oneLine: formatRead(name), hash: hashRead(name) };
}
