import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { registerPrivateKeys } from './leaks/secrets.ts';

export interface PemPair {
  readonly certificate: string;
  readonly privateKey: string;
}

/** How long its certificates are good: too long for notices of their end to be written beside what a test counts. */
export const PAIR_DAYS = 3650;

/** A fresh certificate and its key, made by openssl: nothing of ours made them. */
export function opensslPair(
  commonName = 'openssl.example',
  algorithm: readonly string[] = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1'],
): PemPair {
  const directory = mkdtempSync(join(tmpdir(), 'certkeep-openssl-'));
  try {
    const [key, certificate] = [join(directory, 'key.pem'), join(directory, 'certificate.pem')];
    const files = ['-keyout', key, '-out', certificate];
    openssl(['req', '-x509', '-nodes', ...algorithm, '-subj', `/CN=${commonName}`, '-days', `${PAIR_DAYS}`, ...files]);
    return {
      certificate: readFileSync(certificate, 'utf8'),
      privateKey: registerPrivateKeys(readFileSync(key, 'utf8')),
    };
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** Runs openssl and returns what it prints. */
export function openssl(arguments_: readonly string[], input = ''): string {
  try {
    return registerPrivateKeys(
      execFileSync('openssl', arguments_, { input, encoding: 'utf8', stdio: ['pipe', 'pipe', 'pipe'] }),
    );
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') {
      throw new Error('this test needs the openssl command (on Debian: apt-get install openssl)', { cause: error });
    }
    throw error;
  }
}
