import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openssl } from '../../../support/openssl.ts';

export interface Chain {
  readonly certificate: string;
  /** Between the certificate and the root. */
  readonly untrusted?: string;
  readonly root: string;
}

/**
 * Lets `openssl verify` judge a chain by its strict rules, however weak its keys and digests are.
 * @returns what it prints
 * @throws {Error} where it does not verify
 */
export function opensslVerify({ certificate, untrusted, root }: Chain, options: readonly string[] = []): string {
  const directory = mkdtempSync(join(tmpdir(), 'certkeep-verify-'));
  const file = (name: string, text: string): string => {
    const path = join(directory, name);
    writeFileSync(path, text);
    return path;
  };
  try {
    const between = untrusted === undefined ? [] : ['-untrusted', file('untrusted.pem', untrusted)];
    const trusted = ['-no-CApath', '-no-CAstore', '-CAfile', file('root.pem', root)];
    const strictly = ['-x509_strict', '-check_ss_sig', '-auth_level', '0'];
    return openssl(['verify', ...strictly, ...options, ...trusted, ...between, file('leaf.pem', certificate)]);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** What `openssl x509 -text` prints of a certificate. */
export const printed = (certificate: string, ...options: string[]): string =>
  openssl(['x509', '-noout', '-text', ...options], certificate);
