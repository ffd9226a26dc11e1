import type { Bench } from '../bench.ts';
import { issueLeaf } from '../x509/issue-leaf.ts';
import { loadKeys } from '../x509/load-keys.ts';
import { parseCertificates } from '../x509/parse-certificates.ts';

/** The library alone, beside OpenSSL, node-forge and @peculiar/x509: no server. */
export async function x509(bench: Pick<Bench, 'rounds' | 'report'>): Promise<void> {
  await parseCertificates(bench);
  await loadKeys(bench);
  await issueLeaf(bench);
}
