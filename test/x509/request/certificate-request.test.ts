import { spawnSync } from 'node:child_process';
import { createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  CannotIssue,
  loadPrivateKey,
  makeCertificateRequest,
  type NewCertificateRequest,
  NotAPrivateKey,
  readCertificateRequest,
  X509Error,
} from '../../../src/x509/index.ts';
import { openssl } from '../../support/openssl.ts';
import {
  attribute,
  commonName,
  fromPem,
  hex,
  integer,
  name,
  OID,
  pem,
  rdn,
  sequence,
  text,
  tlv,
} from '../support/der.ts';

const pkcs8Of = (key: KeyObject): string => key.export({ format: 'pem', type: 'pkcs8' }).toString();
const onCurve = (namedCurve: string): string => pkcs8Of(generateKeyPairSync('ec', { namedCurve }).privateKey);
const rsa = pkcs8Of(generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey);
const ed25519 = pkcs8Of(generateKeyPairSync('ed25519').privateKey);
const p256 = onCurve('prime256v1');

/** Every kind of key that signs, and the algorithm it signs by. */
const SIGNERS: ReadonlyArray<readonly [title: string, key: string, algorithm: string]> = [
  ['RSA', rsa, 'sha256WithRSAEncryption'],
  [
    'RSASSA-PSS',
    pkcs8Of(generateKeyPairSync('rsa-pss', { modulusLength: 1024 }).privateKey),
    'sha256WithRSAEncryption',
  ],
  ['P-192', onCurve('prime192v1'), 'ecdsa-with-SHA256'],
  ['P-224', onCurve('secp224r1'), 'ecdsa-with-SHA256'],
  ['P-256', p256, 'ecdsa-with-SHA256'],
  ['P-384', onCurve('secp384r1'), 'ecdsa-with-SHA384'],
  ['P-521', onCurve('secp521r1'), 'ecdsa-with-SHA512'],
  ['secp256k1', onCurve('secp256k1'), 'ecdsa-with-SHA256'],
  ['brainpoolP256r1', onCurve('brainpoolP256r1'), 'ecdsa-with-SHA256'],
  ['brainpoolP384r1', onCurve('brainpoolP384r1'), 'ecdsa-with-SHA384'],
  ['brainpoolP512r1', onCurve('brainpoolP512r1'), 'ecdsa-with-SHA512'],
  [
    'DSA',
    pkcs8Of(generateKeyPairSync('dsa', { modulusLength: 1024, divisorLength: 160 }).privateKey),
    'dsa_with_SHA256',
  ],
  ['Ed25519', ed25519, 'ED25519'],
  ['Ed448', pkcs8Of(generateKeyPairSync('ed448').privateKey), 'ED448'],
];

const wanted: NewCertificateRequest = {
  subject: [
    { type: 'C', value: 'DE' },
    { type: 'O', value: 'Ä, Ö & "Ü"' },
    { type: 'CN', value: 'example.com' },
  ],
  subjectAltNames: {
    dns: ['example.com', '*.example.com'],
    ip: ['192.0.2.1', '2001:db8::1'],
    email: ['a@example.com'],
    uri: ['https://example.com/a'],
  },
  isCa: false,
  keyUsage: ['digitalSignature'],
  extendedKeyUsage: ['serverAuth', '1.2.3.4'],
};

/** `openssl req`, with the key in a file; everything it prints. */
function req(arguments_: readonly string[], { key = '', input = '', config = '' }): string {
  const directory = mkdtempSync(join(tmpdir(), 'certkeep-request-'));
  try {
    const [keyFile, configFile] = [join(directory, 'key.pem'), join(directory, 'openssl.cnf')];
    writeFileSync(keyFile, key);
    writeFileSync(configFile, config === '' ? '[req]\ndistinguished_name = name\n[name]\n' : config);
    const files = ['-config', configFile, ...(key === '' ? [] : ['-new', '-key', keyFile])];
    const { stdout, stderr } = spawnSync('openssl', ['req', ...files, ...arguments_], { input, encoding: 'utf8' });
    return stderr + stdout;
  } finally {
    rmSync(directory, { recursive: true });
  }
}

describe.each(SIGNERS)('%s', (_, key, algorithm) => {
  test('what we make, openssl verifies and reads as it was wanted', async () => {
    const request = await makeCertificateRequest(wanted, key);
    const printed = req(['-verify', '-noout', '-text', '-nameopt', 'RFC2253,-esc_msb,utf8'], { input: request });
    expect(printed).toContain('Certificate request self-signature verify OK');
    expect(printed).toContain('Version: 1 (0x0)');
    expect(printed).toContain('Subject: CN=example.com,O=Ä\\, Ö & \\"Ü\\",C=DE\n');
    expect(printed).toContain(`Signature Algorithm: ${algorithm}\n`);
    expect(printed.replace(/\s+/g, ' ')).toContain(
      [
        'X509v3 Subject Alternative Name: DNS:example.com, DNS:*.example.com, IP Address:192.0.2.1,',
        'IP Address:2001:DB8:0:0:0:0:0:1, email:a@example.com, URI:https://example.com/a',
        'X509v3 Basic Constraints: critical CA:FALSE X509v3 Key Usage: critical Digital Signature',
        'X509v3 Extended Key Usage: TLS Web Server Authentication, 1.2.3.4',
      ].join(' '),
    );
  });

  test('what openssl makes, we read, and what we make too', async () => {
    const names =
      'subjectAltName=DNS:example.com,IP:192.0.2.1,IP:2001:db8::1,email:a@example.com,URI:https://example.com/a';
    const byOpenssl = req(['-subj', '/C=DE/O=Example/CN=example.com', '-utf8', '-addext', names], { key });
    const simple: NewCertificateRequest = {
      subject: [
        { type: 'C', value: 'DE' },
        { type: 'O', value: 'Example' },
        { type: 'CN', value: 'example.com' },
      ],
      subjectAltNames: { ...wanted.subjectAltNames, dns: ['example.com'] },
    };
    for (const request of [byOpenssl, await makeCertificateRequest(simple, key)]) {
      const { facts } = readCertificateRequest(request);
      expect(facts).toMatchObject({
        subject: 'CN=example.com,O=Example,C=DE',
        publicKeyDigest: loadPrivateKey(key).publicKeyDigest,
        signatureValid: true,
        isCa: false,
        keyUsage: null,
        extendedKeyUsage: null,
      });
      expect(facts.subjectAltNames).toEqual({
        dns: ['example.com'],
        ip: ['192.0.2.1', '2001:db8::1'],
        email: ['a@example.com'],
        uri: ['https://example.com/a'],
        directory: [],
        registeredId: [],
        other: [],
      });
    }
  });
});

describe('what openssl makes', () => {
  test('extensions, usages and the key are read', () => {
    const extensions = [
      'basicConstraints=critical,CA:TRUE,pathlen:2',
      'keyUsage=critical,digitalSignature,keyCertSign,decipherOnly',
      'extendedKeyUsage=serverAuth,emailProtection',
    ].flatMap((extension) => ['-addext', extension]);
    const request = req(['-subj', '/CN=a', ...extensions], { key: rsa });
    const { facts, der } = readCertificateRequest(request);
    expect(facts).toMatchObject({
      isCa: true,
      pathLength: 2,
      keyUsage: ['digitalSignature', 'keyCertSign', 'decipherOnly'],
      extendedKeyUsage: ['1.3.6.1.5.5.7.3.1', '1.3.6.1.5.5.7.3.4'],
      keyType: 'rsa',
      keySize: 2048,
      curve: null,
      signatureAlgorithm: 'sha256WithRSAEncryption',
    });
    expect(facts.publicKeyInfo).toEqual(createPublicKey(rsa).export({ format: 'der', type: 'spki' }));
    expect(facts.subjectDer).toEqual(name(rdn(attribute(OID.commonName, text(0x0c, 'a')))));
    expect(readCertificateRequest(der)).toEqual({ facts, der });
  });

  test('a challenge password and other attributes beside or without extensions', () => {
    const config = (
      extensions: string,
    ): string => `[req]\nprompt = no\ndistinguished_name = name\nattributes = attributes\n${extensions}
[name]\nCN = a\n[attributes]\nchallengePassword = a secret\nunstructuredName = Somebody\n[extensions]\nsubjectAltName = DNS:b\n`;
    const [alone, beside] = [config(''), config('req_extensions = extensions\n')].map(
      (text) => readCertificateRequest(req([], { key: p256, config: text })).facts,
    );
    expect([alone?.signatureValid, beside?.signatureValid]).toEqual([true, true]);
    expect([alone?.subjectAltNames.dns, beside?.subjectAltNames.dns]).toEqual([[], ['b']]);
    expect(JSON.stringify([alone, beside])).not.toContain('secret');
  });

  test.each([
    ['PSS', ['-sigopt', 'rsa_padding_mode:pss']],
    ['PSS with a salt of its own', ['-sigopt', 'rsa_padding_mode:pss', '-sigopt', 'rsa_pss_saltlen:20', '-sha512']],
    ['PSS with two digests', ['-sigopt', 'rsa_padding_mode:pss', '-sigopt', 'rsa_mgf1_md:sha1', '-sha384']],
    ['PSS with SHA-1 alone', ['-sigopt', 'rsa_padding_mode:pss', '-sigopt', 'rsa_pss_saltlen:20', '-sha1']],
    ['SHA-1', ['-sha1']],
    ['MD5', ['-md5']],
    ['SHA-512/256', ['-sha512-256']],
    ['SHA3-256', ['-sha3-256']],
    ['the other header', ['-newhdr']],
  ])('%s verifies', (_, options) => {
    const request = req(['-subj', '/CN=a', ...options], { key: rsa });
    expect(readCertificateRequest(request).facts.signatureValid).toBe(true);
  });

  test('RSASSA-PSS under the restrictions of its key verifies', () => {
    const options = ['bits:1024', 'md:sha256', 'mgf1_md:sha256', 'saltlen:32'].flatMap((option) => [
      '-pkeyopt',
      `rsa_${option === 'bits:1024' ? '' : 'pss_'}keygen_${option}`,
    ]);
    const key = openssl(['genpkey', '-algorithm', 'RSA-PSS', ...options]);
    const { facts } = readCertificateRequest(req(['-subj', '/CN=a'], { key }));
    expect([facts.keyType, facts.signatureAlgorithm, facts.signatureValid]).toEqual(['rsa', 'rsassaPss', true]);
  });
});

describe('what we make', () => {
  test('the digest and the padding are as chosen', async () => {
    const request = await makeCertificateRequest({ subject: wanted.subject, digest: 'sha512', rsaPadding: 'pss' }, rsa);
    const printed = req(['-verify', '-noout', '-text'], { input: request });
    expect(printed).toContain('verify OK');
    expect(printed).toMatch(/rsassaPss[\s\S]*sha512[\s\S]*mgf1 with sha512[\s\S]*0x40/);
    expect(readCertificateRequest(request).facts.signatureValid).toBe(true);
  });

  test('nothing is asked for that is not wanted, and the attributes are there all the same (RFC 2986 §4.1)', async () => {
    const request = await makeCertificateRequest({ subject: wanted.subject }, ed25519);
    expect(req(['-noout', '-text'], { input: request })).toMatch(/Attributes:\n\s+\(none\)\n/);
    expect(openssl(['asn1parse'], request)).toMatch(/d=2 .* l= +0 cons: cont \[ 0 \]/);
  });

  test('with an empty subject the alternative names are critical', async () => {
    const request = await makeCertificateRequest({ subject: [], subjectAltNames: { dns: ['a.example'] } }, ed25519);
    expect(req(['-noout', '-text'], { input: request })).toContain('X509v3 Subject Alternative Name: critical');
    expect(readCertificateRequest(request).facts.subject).toBe('');
  });

  test("a CA's certificate can be asked for", async () => {
    const request = await makeCertificateRequest({ subject: wanted.subject, isCa: true }, ed25519);
    expect(readCertificateRequest(request).facts.isCa).toBe(true);
  });

  test.each<[string, NewCertificateRequest]>([
    ['SUBJECT_MISSING', { subject: [] }],
    ['COUNTRY_NOT_TWO_LETTERS', { subject: [{ type: 'C', value: 'Germany' }] }],
    ['DNS_NAME_MALFORMED', { subject: [], subjectAltNames: { dns: ['a b'] } }],
    ['KEY_USAGE_UNFIT', { subject: wanted.subject, keyUsage: ['keyEncipherment'] }],
    ['EXTENDED_KEY_USAGE_UNKNOWN', { subject: wanted.subject, extendedKeyUsage: ['everything'] }],
    ['DIGEST_UNFIT', { subject: wanted.subject, digest: 'sha256' }],
    [
      'CERTIFICATE_TOO_LARGE',
      {
        subject: [],
        subjectAltNames: { uri: Array(9000).fill(`https://${'a'.repeat(60)}.example/${'b'.repeat(60)}`) },
      },
    ],
  ])('%s is said', async (code, request) => {
    const error = await makeCertificateRequest(request, ed25519).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(CannotIssue);
    expect((error as CannotIssue).code).toBe(code);
  });

  test('a DSA key that OpenSSL loads and does not sign with is refused', async () => {
    const numbers = [integer((1n << 1023n) | 155n), integer(0n), integer(5n)];
    const algorithm = sequence(hex('06 07 2a 86 48 ce 38 04 01'), sequence(...numbers));
    const dsa = pem('PRIVATE KEY', sequence(integer(0n), algorithm, tlv(0x04, integer(5n))));
    expect(loadPrivateKey(dsa).publicKeyDigest).not.toBeNull();
    await expect(makeCertificateRequest({ subject: wanted.subject }, dsa)).rejects.toMatchObject({
      code: 'KEY_CANNOT_SIGN',
    });
  });

  test('a key that does not sign is refused, and so is what is no key', async () => {
    const x25519 = pkcs8Of(generateKeyPairSync('x25519').privateKey);
    await expect(makeCertificateRequest({ subject: wanted.subject }, x25519)).rejects.toMatchObject({
      code: 'KEY_CANNOT_SIGN',
    });
    await expect(makeCertificateRequest(wanted, '')).rejects.toBeInstanceOf(NotAPrivateKey);
  });
});

describe('a request that is not signed with its own key is read, and said to be so', () => {
  const original = fromPem(req(['-subj', '/CN=Somebody'], { key: p256 }));

  test.each([
    ['another name', Buffer.from('Somebody'), Buffer.from('Some0ody')],
    // 1.2.840.10045.4.3.2 → .3: another digest.
    ['another algorithm', hex('2a 86 48 ce 3d 04 03 02'), hex('2a 86 48 ce 3d 04 03 03')],
    // The last octet of prime256v1 → of prime239v3.
    ['another curve', hex('2a 86 48 ce 3d 03 01 07'), hex('2a 86 48 ce 3d 03 01 06')],
    ['an algorithm of RSA', hex('2a 86 48 ce 3d 04 03 02'), hex('2a 86 48 86 f7 0d 02 05')],
  ])('%s', (_, from, to) => {
    const changed = Buffer.from(original);
    to.copy(changed, changed.indexOf(from));
    expect(changed.equals(original)).toBe(false);
    expect(readCertificateRequest(changed).facts.signatureValid).toBe(false);
    expect(readCertificateRequest(original).facts.signatureValid).toBe(true);
  });
});

test('a signature under the name of an algorithm for another kind of key does not verify', () => {
  const spki = createPublicKey(p256).export({ format: 'der', type: 'spki' });
  const info = sequence(hex('02 01 00'), commonName('a'), spki, hex('a0 00'));
  const signature = tlv(0x03, Buffer.alloc(1), sign('sha256', info, p256));
  const isValid = (algorithm: Buffer): boolean =>
    readCertificateRequest(sequence(info, algorithm, signature)).facts.signatureValid;
  expect(isValid(sequence(OID.ecdsaWithSha256))).toBe(true);
  // sha256WithRSAEncryption
  expect(isValid(sequence(hex('06 09 2a 86 48 86 f7 0d 01 01 0b'), hex('05 00')))).toBe(false);
});

test('of any damage come our own errors only, and no signature verifies over other octets', () => {
  const options = ['-subj', '/CN=a', '-addext', 'subjectAltName=DNS:a,IP:192.0.2.1'];
  const originals = [rsa, p256, ed25519].map((key) => fromPem(req(options, { key })));
  originals.push(fromPem(req([...options, '-sigopt', 'rsa_padding_mode:pss'], { key: rsa })));
  const outcomes = { read: 0, refused: 0 };
  fc.assert(
    fc.property(fc.constantFrom(...originals), fc.nat(), fc.nat({ max: 255 }), (original, where, octet) => {
      const damaged = Buffer.from(original);
      damaged.writeUInt8(octet, where % damaged.length);
      try {
        const { facts } = readCertificateRequest(damaged);
        expect(facts.signatureValid).toBe(damaged.equals(original));
        outcomes.read++;
      } catch (error) {
        expect(error).toBeInstanceOf(X509Error);
        outcomes.refused++;
      }
    }),
    { numRuns: 2000 },
  );
  expect(Math.min(outcomes.read, outcomes.refused)).toBeGreaterThan(100);
});
