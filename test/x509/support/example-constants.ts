import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openssl } from '../../support/openssl.ts';

/** What every example may use beside the exports of src/x509/index.ts. Made by openssl. */
export interface ExampleConstants {
  /** Self-signed, P-256, its subject CN=example.com, O=Example, C=DE in the order of the encoding. */
  readonly certificatePem: string;
  /** Its key, PKCS#8. */
  readonly privateKeyPem: string;
  /** CN=leaf.example.com, then the CA that signed it, CN=Example CA. */
  readonly chainPem: string;
}

const NEW_KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];

export function makeExampleConstants(): ExampleConstants {
  const directory = mkdtempSync(join(tmpdir(), 'certkeep-examples-'));
  const pathOf = (name: string): string => join(directory, name);
  const issue = (name: string, subject: string, ...options: string[]): string => {
    const files = ['-keyout', pathOf(`${name}.key`), '-out', pathOf(`${name}.pem`)];
    openssl(['req', '-x509', ...NEW_KEY, ...files, '-subj', subject, '-days', '30', ...options]);
    return readFileSync(pathOf(`${name}.pem`), 'utf8');
  };
  try {
    const certificatePem = issue('example', '/CN=example.com/O=Example/C=DE');
    const authority = issue('ca', '/CN=Example CA', '-addext', 'keyUsage=critical,keyCertSign');
    const signer = ['-CA', pathOf('ca.pem'), '-CAkey', pathOf('ca.key')];
    const leaf = issue('leaf', '/CN=leaf.example.com', ...signer, '-addext', 'basicConstraints=critical,CA:FALSE');
    return { certificatePem, privateKeyPem: readFileSync(pathOf('example.key'), 'utf8'), chainPem: leaf + authority };
  } finally {
    rmSync(directory, { recursive: true });
  }
}
