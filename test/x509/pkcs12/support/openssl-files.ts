import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openssl } from '../../../support/openssl.ts';
import { fromPem } from '../../support/der.ts';

/** A key and its certificate, in PEM and in DER. */
export interface Pair {
  readonly keyPem: string;
  readonly certificatePem: string;
  readonly key: Buffer;
  readonly certificate: Buffer;
}

/** Runs openssl with `@name` standing for the path of a file of that name. Returns what it prints, and the file `@out` if it wrote one. */
export function opensslWith(
  files: Readonly<Record<string, string | Buffer>>,
  arguments_: readonly string[],
): { printed: string; out: Buffer } {
  const directory = mkdtempSync(join(tmpdir(), 'certkeep-pkcs12-'));
  try {
    for (const [name, content] of Object.entries({ out: '', ...files })) writeFileSync(join(directory, name), content);
    const printed = openssl(arguments_.map((word) => (word.startsWith('@') ? join(directory, word.slice(1)) : word)));
    return { printed, out: readFileSync(join(directory, 'out')) };
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** How openssl makes a key of each type. */
export const KEY_TYPES: Readonly<Record<string, readonly string[]>> = {
  'RSA-2048': ['genpkey', '-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:2048'],
  'RSA-PSS': ['genpkey', '-algorithm', 'RSA-PSS', '-pkeyopt', 'rsa_keygen_bits:2048'],
  'P-256': ['genpkey', '-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256'],
  'P-384': ['genpkey', '-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-384'],
  'P-521': ['genpkey', '-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-521'],
  secp256k1: ['genpkey', '-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:secp256k1'],
  brainpoolP384r1: ['genpkey', '-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:brainpoolP384r1'],
  sect283k1: ['genpkey', '-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:sect283k1'],
  'explicit P-256': [
    ...['genpkey', '-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256'],
    ...['-pkeyopt', 'ec_param_enc:explicit'],
  ],
  Ed25519: ['genpkey', '-algorithm', 'ED25519'],
  Ed448: ['genpkey', '-algorithm', 'ED448'],
  DSA: ['genpkey', '-paramfile', '@dsa'],
};

let dsaParameters: string | undefined;

/** A new pair, made by openssl. `signer` makes it a certificate of its own key, or of another pair's. */
export function makePair(commonName: string, type = 'P-256', signer?: { pair: Pair; isCa?: boolean }): Pair {
  const recipe = KEY_TYPES[type] ?? [];
  dsaParameters ??= openssl(['dsaparam', '1024']);
  const keyPem = opensslWith({ dsa: dsaParameters }, recipe).printed;
  const request = ['req', '-x509', '-key', '@key', '-subj', `/CN=${commonName}`, '-days', '30'];
  const certificatePem =
    signer === undefined
      ? opensslWith({ key: keyPem }, request).printed
      : signBy(signer.pair, keyPem, commonName, signer.isCa ?? false);
  return { keyPem, certificatePem, key: fromPem(keyPem), certificate: fromPem(certificatePem) };
}

function signBy(signer: Pair, keyPem: string, commonName: string, isCa: boolean): string {
  const request = opensslWith({ key: keyPem }, ['req', '-new', '-key', '@key', '-subj', `/CN=${commonName}`]).printed;
  return opensslWith(
    {
      request,
      issuer: signer.certificatePem,
      issuerKey: signer.keyPem,
      extensions: `basicConstraints=critical,CA:${isCa ? 'TRUE' : 'FALSE'}\n`,
    },
    [
      ...['x509', '-req', '-in', '@request', '-CA', '@issuer', '-CAkey', '@issuerKey'],
      ...['-days', '30', '-set_serial', '7', '-extfile', '@extensions'],
    ],
  ).printed;
}

/** A PKCS#12 file of `pair` by openssl, few rounds unless told otherwise. */
export function exportByOpenssl(pair: Pair, passphrase: string, options: readonly string[] = [], chain = ''): Buffer {
  return opensslWith({ key: pair.keyPem, certificate: pair.certificatePem, chain }, [
    ...['pkcs12', '-export', '-inkey', '@key', '-in', '@certificate', '-out', '@out'],
    ...['-passout', `pass:${passphrase}`, ...(chain === '' ? [] : ['-certfile', '@chain']), ...options],
  ]).out;
}

/** The key and the certificates that openssl finds in a PKCS#12 file, in DER and in its order, and all it prints. */
export function importByOpenssl(
  file: Buffer,
  passphrase: string,
): { key: Buffer | null; certificates: Buffer[]; printed: string } {
  const { printed } = opensslWith({ file }, [...['pkcs12', '-in', '@file', '-passin', `pass:${passphrase}`, '-noenc']]);
  const blocks = (label: string): Buffer[] =>
    [...printed.matchAll(new RegExp(`-----BEGIN ${label}-----[^-]*-----END ${label}-----`, 'g'))].map(([block]) =>
      fromPem(block),
    );
  return { key: blocks('PRIVATE KEY')[0] ?? null, certificates: blocks('CERTIFICATE'), printed };
}
