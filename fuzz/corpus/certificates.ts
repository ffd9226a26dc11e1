import { createPublicKey } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openssl } from '../../test/support/openssl.ts';
import type { MadeKey } from './keys.ts';
import { type Seed, seedsOf } from './seed.ts';

/** Extensions of each kind that OpenSSL can write. */
const EXTENSIONS = `
[plain]
[usual]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = serverAuth, clientAuth
subjectKeyIdentifier = hash
subjectAltName = DNS:example.com, DNS:*.example.com
[everything]
basicConstraints = critical, CA:TRUE, pathlen:3
keyUsage = keyCertSign, cRLSign
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid, issuer
subjectAltName = critical, DNS:a.example, IP:192.0.2.1, IP:2001:db8::1, email:a@b.example, URI:https://c.example/, RID:1.2.3.4, dirName:alternative, otherName:1.3.6.1.4.1.311.20.2.3;UTF8:user@d.example
authorityInfoAccess = OCSP;URI:http://ocsp.example/
crlDistributionPoints = URI:http://crl.example/ca.crl
certificatePolicies = 1.2.3.4, 2.5.29.32.0
nameConstraints = permitted;DNS:example.com
1.2.3.4.5 = DER:30:03:02:01:05
[alternative]
C = DE
CN = alternative
`;

/** OpenSSL's string_mask: which string types it may write. */
const STRING_MASKS = {
  PrintableString: 'MASK:0x2',
  T61String: 'MASK:0x4',
  IA5String: 'MASK:0x10',
  UniversalString: 'MASK:0x100',
  BMPString: 'MASK:0x800',
  UTF8String: 'MASK:0x2000',
};

const SUBJECTS = [
  '/CN=multi+UID=7/O=Ä Ö/C=DE',
  '/emailAddress=a@b.example/serialNumber=1/DC=example/street=s/CN=x',
  '/',
  '/CN=, comma \\+ plus; <angle> "quote" \\\\',
  '/CN=line\nfeed/OU=#hash/O= blank ',
  `/CN=${'long'.repeat(16)}/OU=a/OU=b/OU=c`,
];

const SERIALS = ['0', '-5', '0x7fffffffffffffffffffffffffffffffffffffff', '0xff'];

/** Certificates for keys of every type, with odd names, serials, string types and extensions, self-signed and issued by others. */
export function certificateSeeds(keys: readonly MadeKey[]): Seed[] {
  const folder = mkdtempSync(join(tmpdir(), 'certkeep-fuzz-'));
  try {
    return makeAll(folder, keys);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function makeAll(folder: string, keys: readonly MadeKey[]): Seed[] {
  const [key, rsa] = [find(keys, 'EC prime256v1'), find(keys, 'RSA-2048')];
  const pss = ['-sigopt', 'rsa_padding_mode:pss', '-sigopt', 'rsa_pss_saltlen:32'];
  return [
    ...keys.filter(({ signs }) => signs).flatMap((own) => selfSigned(folder, own.name, own, 'usual')),
    ...keys.filter(({ signs }) => !signs).flatMap((own) => issued(folder, own, key, 'usual')),
    ...[rsa, key].flatMap((own) => [...issued(folder, own, key, 'everything'), ...issued(folder, own, rsa, 'plain')]),
    ...[rsa, key].flatMap((own) => selfSigned(folder, 'everything', own, 'everything')),
    ...selfSigned(folder, 'signed with PSS', rsa, 'usual', pss),
    ...SUBJECTS.flatMap((subject) => selfSigned(folder, 'an odd subject', key, 'plain', ['-subj', subject])),
    ...SERIALS.flatMap((serial) => selfSigned(folder, 'an odd serial number', key, 'plain', ['-set_serial', serial])),
    ...Object.entries(STRING_MASKS).flatMap(([type, mask]) => withStringType(folder, type, mask, key)),
  ];
}

function find(keys: readonly MadeKey[], wanted: string): MadeKey {
  const key = keys.find(({ name }) => name === wanted);
  if (key === undefined) throw new Error(`there is no key ${wanted}`);
  return key;
}

/** @param more options of `openssl req` */
function selfSigned(folder: string, name: string, own: MadeKey, section: string, more: readonly string[] = []): Seed[] {
  const config = write(folder, 'config', `[req]\ndistinguished_name = dn\n[dn]\n${EXTENSIONS}`);
  const options = ['-config', config, '-extensions', section, '-key', keyFile(folder, own), '-utf8'];
  const subject = more.includes('-subj') ? [] : ['-subj', `/C=DE/O=Example/CN=${name}`];
  return seedsOf(name, openssl(['req', '-new', '-x509', ...options, ...subject, ...more]));
}

function withStringType(folder: string, type: string, mask: string, own: MadeKey): Seed[] {
  const names = `[dn]\nC = DE\nO = Example ${type}\nCN = example.com\n`;
  const settings = `[req]\ndistinguished_name = dn\nprompt = no\nstring_mask = ${mask}\n`;
  const options = ['-config', write(folder, 'config', settings + names), '-key', keyFile(folder, own)];
  return seedsOf(`names in ${type}`, openssl(['req', '-new', '-x509', ...options]));
}

/** Beyond 2049, so that its end is a GeneralizedTime; without extensions its version is 1. */
function issued(folder: string, own: MadeKey, ca: MadeKey, section: string): Seed[] {
  const publicKey = createPublicKey(own.key).export({ format: 'pem', type: 'spki' }).toString();
  const caKey = keyFile(folder, ca);
  const caCertificate = openssl(['req', '-new', '-x509', '-key', caKey, '-subj', '/CN=Example CA']);
  const names = ['-force_pubkey', write(folder, 'public', publicKey), '-subj', '/CN=leaf', '-days', '40000'];
  const issuer = ['-CA', write(folder, 'ca', caCertificate), '-CAkey', caKey];
  const profile = ['-extfile', write(folder, 'sections', EXTENSIONS), '-extensions', section];
  const options = [...names, ...issuer, ...(section === 'plain' ? [] : profile)];
  return seedsOf(`${own.name}, issued`, openssl(['x509', '-new', ...options]));
}

function keyFile(folder: string, { name, key }: MadeKey): string {
  return write(folder, `${name}.pem`, key.export({ format: 'pem', type: 'pkcs8' }).toString());
}

function write(folder: string, name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text, { mode: 0o600 });
  return path;
}
