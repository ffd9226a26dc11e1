import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { registerPrivateKeys } from '../../../support/leaks/secrets.ts';
import { openssl, type PemPair } from '../../../support/openssl.ts';

const P256 = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];

export interface Authority {
  readonly certificate: string;
  /** Of `localhost` and 127.0.0.1, with its key. */
  readonly leaf: PemPair;
}

/** A CA and a certificate that it signed, both made by openssl: nothing of ours made them. */
export function opensslAuthority(commonName: string): Authority {
  return inDirectory((directory) => {
    const path = (name: string) => join(directory, name);
    const ca = ['-keyout', path('ca.key'), '-out', path('ca.pem')];
    openssl(['req', '-x509', ...P256, '-subj', `/CN=${commonName}`, '-days', '30', ...ca]);
    openssl([
      ...['req', '-x509', ...P256, '-subj', '/CN=localhost', '-days', '30'],
      ...['-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1', '-addext', 'basicConstraints=critical,CA:FALSE'],
      ...['-CA', path('ca.pem'), '-CAkey', path('ca.key'), '-keyout', path('leaf.key'), '-out', path('leaf.pem')],
    ]);
    const read = (name: string) => readFileSync(path(name), 'utf8');
    return {
      certificate: read('ca.pem'),
      leaf: { certificate: read('leaf.pem'), privateKey: registerPrivateKeys(read('leaf.key')) },
    };
  });
}

/** Whether openssl accepts a certificate by a file of CAs alone. */
export function opensslAccepts(leaf: string, bundle: string): boolean {
  return inDirectory((directory) => {
    const [file, of] = [join(directory, 'bundle.pem'), join(directory, 'leaf.pem')];
    writeFileSync(file, bundle);
    writeFileSync(of, leaf);
    try {
      return openssl(['verify', '-no-CApath', '-no-CAstore', '-CAfile', file, of]).includes(': OK');
    } catch {
      return false;
    }
  });
}

function inDirectory<T>(use: (directory: string) => T): T {
  const directory = mkdtempSync(join(tmpdir(), 'certkeep-authority-'));
  try {
    return use(directory);
  } finally {
    rmSync(directory, { recursive: true });
  }
}
