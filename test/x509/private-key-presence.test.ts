import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { containsPrivateKey, loadCertificate } from '../../src/x509/index.ts';
import { schemeAmong } from '../faults/support/hostile-der.ts';
import { openssl } from '../support/openssl.ts';
import { certificate, integer, pem, sequence, tlv } from './support/der.ts';
import { mozillaCertificates } from './support/fixtures.ts';

const text = pem('CERTIFICATE', certificate());
const ec = generateKeyPairSync('ec', { namedCurve: 'prime256v1' }).privateKey;
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
const password = ['-topk8', '-passout', 'pass:secret'];
const sec1 = ec.export({ format: 'pem', type: 'sec1' }).toString();
const pkcs8 = ec.export({ format: 'pem', type: 'pkcs8' }).toString();

/** Every container of a key, in base64 of 64 columns. */
const containers: Record<string, string> = {
  'SEC 1': sec1,
  'PKCS#8 of EC': pkcs8,
  'PKCS#1': rsa.export({ format: 'pem', type: 'pkcs1' }).toString(),
  'PKCS#8 of RSA': rsa.export({ format: 'pem', type: 'pkcs8' }).toString(),
  Ed25519: generateKeyPairSync('ed25519').privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(),
  DSA: openssl(
    ['dsa'],
    generateKeyPairSync('dsa', { modulusLength: 1024, divisorLength: 160 })
      .privateKey.export({ format: 'pem', type: 'pkcs8' })
      .toString(),
  ),
  'encrypted PKCS#8': openssl(['pkcs8', ...password], pkcs8),
  'encrypted PKCS#8, PKCS#12 scheme': openssl(['pkcs8', ...password, '-v1', 'PBE-SHA1-3DES'], pkcs8),
  'encrypted PKCS#8 of a large key': openssl(
    ['pkcs8', ...password],
    rsa.export({ format: 'pem', type: 'pkcs8' }).toString(),
  ),
  'PKCS#12': pem('X', sequence(integer(3n), tlv(0x30, Buffer.alloc(300)))),
  OpenSSH: pem('X', Buffer.concat([Buffer.from('openssh-key-v1\0'), Buffer.alloc(80)])),
};

const bodyOf = (block: string): string => block.replace(/-----[^-]*-----\n/g, '').trim();
const label = (body: string, name: string): string => `-----BEGIN ${name}-----\n${body}\n-----END ${name}-----\n`;

describe.each(Object.entries(containers).map(([name, block]) => [name, bodyOf(block)] as const))(
  '%s is found',
  (_, body) => {
    test.each<[string, string]>([
      ['under a second CERTIFICATE label', text + label(body, 'CERTIFICATE')],
      ['under any other label', text + label(body, 'SOMETHING')],
      ['before the certificate', label(body, 'SOMETHING') + text],
      ['behind headers', text + label(`A: b\n\n${body}`, 'SOMETHING')],
      ['in a block without END', `${text}-----BEGIN SOMETHING-----\n${body}`],
      ['without armour', `${text}\n${body}`],
      ['without armour, before the certificate', `${body}\n${text}`],
      ['in one line', text + body.replace(/\s/g, '')],
      ['with CRLF', text + label(body, 'CERTIFICATE').replaceAll('\n', '\r\n')],
      ['with newlines spelled \\n', `${text}-----BEGIN SOMETHING-----\\n${body.replaceAll('\n', '\\n')}`],
    ])('%s', (__, input) => expect(containsPrivateKey(input)).toBe(true));
  },
);

test('a text that pyca takes for a certificate may hold a key, and is found', () => {
  const input = text + label(bodyOf(pkcs8), 'CERTIFICATE');
  expect(loadCertificate(input).facts.subject).toBe('CN=subject');
  expect(containsPrivateKey(input)).toBe(true);
});

test.each([
  '-----BEGIN PRIVATE KEY-----',
  'begin rsa private  key',
  'Private\u00a0Key',
  'PRIVATE_KEY',
  'Private-Lines: 2',
  'PGP PRIVATE KEY BLOCK',
])('the words %j are enough', (words) => expect(containsPrivateKey(text + words)).toBe(true));

test('certificates that name a scheme of encryption are keys where they are more than is looked through', () => {
  expect(containsPrivateKey(schemeAmong(24_000).repeat(2))).toBe(false);
  expect(containsPrivateKey(schemeAmong(24_000).repeat(3))).toBe(true);
});

describe('not taken for a key', () => {
  const csr = openssl(['req', '-new', '-nodes', '-newkey', 'rsa:2048', '-keyout', '/dev/null', '-subj', '/CN=x']);
  test.each<[string, string]>([
    ['a certificate', text],
    ['a chain', text + text],
    ['a certificate and prose', `The public key of\nsubject=CN=x\n${text}`],
    ['a certificate as openssl prints it', openssl(['x509', '-text'], mozillaCertificates()[0]?.pem)],
    ['a certificate without armour', bodyOf(text)],
    ['a certificate request', csr],
    ['a public key', text + openssl(['ec', '-pubout'], sec1)],
    ['nothing', ''],
  ])('%s', (_, input) => expect(containsPrivateKey(input)).toBe(false));

  test("any of Mozilla's root certificates", () => {
    expect(mozillaCertificates().filter(({ pem: root }) => containsPrivateKey(root))).toEqual([]);
  });
});
