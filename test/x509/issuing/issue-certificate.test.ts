import { createHash, generateKeyPairSync } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { readCertificate } from '../../../src/x509/certificate-structure.ts';
import {
  generateKeyPair,
  issueCertificate,
  loadCertificate,
  type NewCertificate,
  openAuthority,
} from '../../../src/x509/index.ts';
import { openssl, opensslPair } from '../../support/openssl.ts';
import { fromPem, hex, sequence, text, tlv } from '../support/der.ts';
import { opensslVerify, printed } from './support/openssl-verify.ts';
import { type Keys, leaf, newRoot } from './support/wanted.ts';

let keys: Keys;
let rsaKeys: Keys;
let rootKeys: Keys;
let root: Awaited<ReturnType<typeof newRoot>>;
beforeAll(async () => {
  [keys, rsaKeys, rootKeys] = await Promise.all([
    generateKeyPair('ecdsa'),
    generateKeyPair({ type: 'rsa', bits: 1024 }),
    generateKeyPair('ed25519'),
  ]);
  root = await newRoot(rootKeys, { pathLength: 1 });
});

/** The lines below one extension's headline, without blanks. */
const extension = (certificate: string, headline: string): string | undefined =>
  new RegExp(`X509v3 ${headline}: (critical)?\\n((?: {16}.*\\n)+)`)
    .exec(printed(certificate))
    ?.slice(1)
    .join('|')
    .replace(/\s+/g, ' ')
    .trim();

describe('openssl reads', () => {
  test('a leaf of a CA: who signed it, what it is for, and where to ask about it', async () => {
    const certificate = await issueCertificate(
      leaf({
        ocspUrls: ['http://ocsp.example/', 'http://ocsp2.example/'],
        caIssuersUrls: ['http://ca.example/ca.der'],
      }),
      rsaKeys.publicKey,
      root.authority,
    );
    expect(printed(certificate)).toContain('Version: 3 (0x2)');
    expect(extension(certificate, 'Basic Constraints')).toBe('critical| CA:FALSE');
    expect(extension(certificate, 'Key Usage')).toBe('critical| Digital Signature, Key Encipherment');
    expect(extension(certificate, 'Extended Key Usage')).toBe(
      '| TLS Web Server Authentication, TLS Web Client Authentication'.trim(),
    );
    expect(extension(certificate, 'Subject Alternative Name')).toBe('| DNS:leaf.example');
    expect(printed(certificate).match(/(OCSP|CA Issuers) - URI:.*/g)).toEqual([
      'OCSP - URI:http://ocsp.example/',
      'OCSP - URI:http://ocsp2.example/',
      'CA Issuers - URI:http://ca.example/ca.der',
    ]);
    expect(openssl(['x509', '-noout', '-ocsp_uri'], certificate)).toBe('http://ocsp.example/\nhttp://ocsp2.example/\n');
    const [ca, own] = [root.certificate, certificate].map((text) => loadCertificate(text).facts);
    expect(own?.authorityKeyId).toBe(ca?.subjectKeyId);
    expect(own?.issuerDer).toEqual(ca?.subjectDer);
    expect(opensslVerify({ certificate, root: root.certificate })).toMatch(/: OK\n$/);
  });

  test.each<[string, number | null, string]>([
    ['without a path length', null, 'CA:TRUE'],
    ['of path length 0', 0, 'CA:TRUE, pathlen:0'],
    ['of path length 200', 200, 'CA:TRUE, pathlen:200'],
  ])('a CA %s', async (_what, pathLength, expected) => {
    const { certificate } = await newRoot(keys, { pathLength });
    expect(extension(certificate, 'Basic Constraints')).toBe(`critical| ${expected}`);
    expect(extension(certificate, 'Key Usage')).toBe('critical| Certificate Sign, CRL Sign');
    expect(extension(certificate, 'Extended Key Usage')).toBeUndefined();
    expect(opensslVerify({ certificate, root: certificate }, ['-purpose', 'any'])).toMatch(/: OK\n$/);
  });

  test('every usage that is given', async () => {
    const certificate = await issueCertificate(
      leaf({
        keyUsage: ['decipherOnly', 'keyAgreement', 'nonRepudiation'],
        extendedKeyUsage: [
          'codeSigning',
          'emailProtection',
          'timeStamping',
          'OCSPSigning',
          'anyExtendedKeyUsage',
          '1.2.3.4',
        ],
      }),
      keys.publicKey,
      keys.privateKey,
    );
    expect(extension(certificate, 'Key Usage')).toBe('critical| Non Repudiation, Key Agreement, Decipher Only');
    expect(extension(certificate, 'Extended Key Usage')).toBe(
      '| Code Signing, E-mail Protection, Time Stamping, OCSP Signing, Any Extended Key Usage, 1.2.3.4',
    );
  });

  test('no usage extension where none is wanted', async () => {
    const certificate = await issueCertificate(
      leaf({ keyUsage: [], extendedKeyUsage: [] }),
      keys.publicKey,
      keys.privateKey,
    );
    expect(printed(certificate)).not.toContain('Usage');
  });

  test('critical alternative names where the subject is empty (RFC 5280 §4.2.1.6), otherwise not', async () => {
    const nameless = await issueCertificate(leaf({ subject: [] }), keys.publicKey, root.authority);
    expect(extension(nameless, 'Subject Alternative Name')).toBe('critical| DNS:leaf.example');
    expect(
      opensslVerify({ certificate: nameless, root: root.certificate }, ['-verify_hostname', 'leaf.example']),
    ).toMatch(/OK/);
    const named = await issueCertificate(leaf(), keys.publicKey, root.authority);
    expect(extension(named, 'Subject Alternative Name')).toBe('| DNS:leaf.example');
  });
});

describe('openssl finds the names', () => {
  let certificate: string;
  beforeAll(async () => {
    const subjectAltNames = {
      dns: ['a.example', '*.b.example'],
      ip: ['10.1.2.3', '2001:db8::1'],
      email: ['Someone@mail.example'],
      uri: ['spiffe://trust/workload'],
    };
    certificate = await issueCertificate(leaf({ subjectAltNames }), keys.publicKey, root.authority);
  });

  test.each([
    ['-verify_hostname', 'a.example'],
    ['-verify_hostname', 'x.b.example'],
    ['-verify_ip', '10.1.2.3'],
    ['-verify_ip', '2001:db8:0::1'],
    ['-verify_email', 'Someone@mail.example'],
    ['-purpose', 'sslserver'],
    ['-purpose', 'sslclient'],
  ])('%s %s', (...options) => {
    expect(opensslVerify({ certificate, root: root.certificate }, options)).toMatch(/: OK\n$/);
  });

  test.each([
    ['-verify_hostname', 'c.example'],
    ['-verify_hostname', 'x.y.b.example'],
    ['-verify_ip', '10.1.2.4'],
    ['-verify_email', 'other@mail.example'],
    ['-purpose', 'smimesign'],
  ])('and no others: %s %s', (...options) => {
    expect(() => opensslVerify({ certificate, root: root.certificate }, options)).toThrow();
  });

  test('as it prints them', () => {
    expect(extension(certificate, 'Subject Alternative Name')).toBe(
      '| DNS:a.example, DNS:*.b.example, IP Address:10.1.2.3, IP Address:2001:DB8:0:0:0:0:0:1, email:Someone@mail.example, URI:spiffe://trust/workload',
    );
  });
});

// RFC 3161 §2.3: critical, and alone.
test('who only stamps times does it for openssl', async () => {
  const certificate = await issueCertificate(
    leaf({ extendedKeyUsage: ['timeStamping'] }),
    keys.publicKey,
    root.authority,
  );
  expect(opensslVerify({ certificate, root: root.certificate }, ['-purpose', 'timestampsign'])).toMatch(/: OK\n$/);
});

test('the subject key identifier is the first 160 bits of the SHA-256 of the key (RFC 7093 §2, method 1)', async () => {
  const certificate = await issueCertificate(leaf(), keys.publicKey, keys.privateKey);
  // An uncompressed point ends a SubjectPublicKeyInfo on P-256 (RFC 5480 §2.2).
  const point = keys.publicKey.export({ format: 'der', type: 'spki' }).subarray(-65);
  const expected = createHash('sha256').update(point).digest('hex').slice(0, 40);
  expect(loadCertificate(certificate).facts).toMatchObject({ subjectKeyId: expected, authorityKeyId: expected });
});

test("the issuer is the CA's subject byte for byte, whatever strings and values stand in it", async () => {
  const value = {
    t61: text(0x14, 'T\u00e9l\u00e9', 'latin1'),
    bmp: tlv(0x1e, hex('00 c4')),
    odd: tlv(0x02, hex('00 01')),
  };
  const attribute = (oid: string, string: Buffer): Buffer => tlv(0x31, sequence(hex(oid), string));
  // An INTEGER that is not in its shortest form is no string, but a Name may hold any type.
  const subject = sequence(attribute('06 03 55 04 0a', value.bmp), attribute('06 03 55 04 03', value.odd));
  const authority = { ...root.authority, subjectDer: subject };
  const certificate = await issueCertificate(leaf(), keys.publicKey, authority);
  expect(readCertificate(fromPem(certificate)).issuer.encoded).toEqual(subject);
});

test('a public key is written byte for byte as it was given: a compressed point stays one', async () => {
  const point = keys.publicKey.export({ format: 'der', type: 'spki' }).subarray(-65);
  const compressed = Buffer.concat([Buffer.from([2 + ((point[64] ?? 0) & 1)]), point.subarray(1, 33)]);
  const info = sequence(
    sequence(hex('06 07 2a 86 48 ce 3d 02 01'), hex('06 08 2a 86 48 ce 3d 03 01 07')),
    tlv(0x03, Buffer.alloc(1), compressed),
  );
  const certificate = await issueCertificate(leaf(), info, root.authority);
  expect(fromPem(certificate).includes(info)).toBe(true);
  expect(opensslVerify({ certificate, root: root.certificate })).toMatch(/: OK\n$/);
});

test('and an RSASSA-PSS key keeps its restrictions', async () => {
  const { publicKey } = generateKeyPairSync('rsa-pss', { modulusLength: 1024, hashAlgorithm: 'sha512' });
  const certificate = await issueCertificate(leaf(), publicKey, root.authority);
  expect(fromPem(certificate).includes(publicKey.export({ format: 'der', type: 'spki' }))).toBe(true);
});

// X.690 §11.2.2: no zero bits at the end, and as many unused ones as the last octet lacks.
test.each<[string, Partial<NewCertificate>, string]>([
  ['of a CA', { isCa: true }, '03 02 01 06'],
  ['of a leaf', {}, '03 02 07 80'],
  ['over eight bits', { keyUsage: ['keyAgreement', 'decipherOnly'] }, '03 03 07 08 80'],
])('the key usage %s has the one encoding that DER allows', async (_what, changes, expected) => {
  const certificate = await issueCertificate(leaf(changes), keys.publicKey, keys.privateKey);
  const bits = hex(expected);
  const extension = Buffer.concat([hex('06 03 55 1d 0f 01 01 ff'), tlv(0x04, bits)]);
  expect(fromPem(certificate).includes(extension)).toBe(true);
});

test('a key that only agrees on keys is certified for that', async () => {
  const { publicKey } = generateKeyPairSync('x25519');
  const certificate = await issueCertificate(leaf(), publicKey, root.authority);
  expect(extension(certificate, 'Key Usage')).toBe('critical| Key Agreement');
});

test('a CA that openssl made signs, by the key identifier that it has', async () => {
  const ca = opensslPair('Made by openssl', [
    ...['-newkey', 'rsa:2048'],
    ...['-addext', 'keyUsage=critical,keyCertSign,cRLSign'],
  ]);
  const { notBefore, notAfter } = openAuthority(ca.certificate, ca.privateKey);
  const certificate = await issueCertificate(
    leaf({ notBefore, notAfter }),
    keys.publicKey,
    openAuthority(ca.certificate, ca.privateKey),
  );
  expect(opensslVerify({ certificate, root: ca.certificate })).toMatch(/: OK\n$/);
  expect(loadCertificate(certificate).facts.authorityKeyId).toBe(loadCertificate(ca.certificate).facts.subjectKeyId);
});

test('fractions of a second are cut off', async () => {
  const dates = { notBefore: new Date('2026-01-01T00:00:00.999Z'), notAfter: new Date('2026-01-01T00:00:00.001Z') };
  const { facts } = loadCertificate(await issueCertificate(leaf(dates), keys.publicKey, keys.privateKey));
  expect([facts.notBefore, facts.notAfter]).toEqual(Array(2).fill(new Date('2026-01-01T00:00:00Z')));
});
