import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openssl } from '../../test/support/openssl.ts';
import type { MadeKey } from './keys.ts';
import { type Seed, seedsOf } from './seed.ts';

/** What a request may ask for, beside nothing. */
const CONFIG = `
[req]
distinguished_name = names
attributes = attributes
[names]
[attributes]
unstructuredName = a name
challengePassword = a word
[server]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = serverAuth, clientAuth, 1.2.3.4
subjectAltName = DNS:example.com, DNS:*.example.com, IP:192.0.2.1, IP:2001:db8::1, email:a@b.example, URI:https://c.example/
[authority]
basicConstraints = critical, CA:TRUE, pathlen:3
keyUsage = keyCertSign, cRLSign
subjectAltName = RID:1.2.3.4, otherName:1.3.6.1.4.1.311.20.2.3;UTF8:user@d.example
1.2.3.4.5 = DER:30:03:02:01:05
`;

const PSS = ['-sigopt', 'rsa_padding_mode:pss', '-sigopt', 'rsa_pss_saltlen:32'];

/** Certification requests of openssl for each key that signs, with extensions and without. */
export function requestSeeds(keys: readonly MadeKey[]): Seed[] {
  const folder = mkdtempSync(join(tmpdir(), 'certkeep-fuzz-'));
  try {
    return keys.filter(({ signs }) => signs).flatMap((key) => requestsOf(folder, key));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function requestsOf(folder: string, { name, key }: MadeKey): Seed[] {
  const config = write(folder, 'config', CONFIG);
  const keyFile = write(folder, 'key', key.export({ format: 'pem', type: 'pkcs8' }).toString());
  const request = (kind: string, ...more: string[]): Seed[] => {
    const options = ['-config', config, '-key', keyFile, '-subj', `/C=DE/O=Example/CN=${name}`, ...more];
    return seedsOf(`${name}, ${kind}`, openssl(['req', '-new', ...options]));
  };
  return [
    ...request('plain'),
    ...request('for a server', '-reqexts', 'server'),
    ...request('for an authority', '-reqexts', 'authority'),
    ...(name === 'RSA-2048' ? request('signed with PSS', ...PSS) : []),
  ];
}

function write(folder: string, name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text, { mode: 0o600 });
  return path;
}
