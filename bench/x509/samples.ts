import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openssl } from '../../test/support/openssl.ts';

export interface Sample {
  readonly name: string;
  readonly pem: string;
  readonly der: Buffer;
}

/** The extensions of a certificate that a public authority issues. */
const EXTENSIONS = `[leaf]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = serverAuth, clientAuth
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
subjectAltName = DNS:example.com, DNS:www.example.com
authorityInfoAccess = OCSP;URI:http://ocsp.example/, caIssuers;URI:http://ca.example/ca.crt
crlDistributionPoints = URI:http://crl.example/ca.crl
certificatePolicies = 2.23.140.1.2.1
`;

const KEYS = {
  'RSA-2048': ['RSA', 'rsa_keygen_bits:2048'],
  'RSA-4096': ['RSA', 'rsa_keygen_bits:4096'],
  'P-256': ['EC', 'ec_paramgen_curve:P-256'],
  Ed25519: ['ED25519'],
} as const;

export type KeyName = keyof typeof KEYS;

/** A new PKCS#8 key, by openssl. */
export function makeKey(name: KeyName): Sample {
  const [algorithm, ...options] = KEYS[name];
  const arguments_ = options.flatMap((option) => ['-pkeyopt', option]);
  return sample(name, openssl(['genpkey', '-algorithm', algorithm, ...arguments_]));
}

/** A certificate for such a key that an authority on RSA-2048 issued, by openssl. */
export function makeLeaf(name: KeyName): Sample {
  const folder = mkdtempSync(join(tmpdir(), 'certkeep-bench-x509-'));
  const write = (file: string, text: string): string => {
    writeFileSync(join(folder, file), text, { mode: 0o600 });
    return join(folder, file);
  };
  try {
    const caKey = write('ca-key', makeKey('RSA-2048').pem);
    const ca = write('ca', openssl(['req', '-x509', '-new', '-key', caKey, '-subj', '/C=DE/O=Example/CN=Example CA']));
    const request = openssl(['req', '-new', '-key', write('key', makeKey(name).pem), '-subj', '/CN=example.com']);
    const profile = ['-extfile', write('profile', EXTENSIONS), '-extensions', 'leaf'];
    return sample(name, openssl(['x509', '-req', '-CA', ca, '-CAkey', caKey, '-days', '90', ...profile], request));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function sample(name: string, pem: string): Sample {
  return { name, pem, der: Buffer.from(pem.replace(/-----.*-----/g, ''), 'base64') };
}
