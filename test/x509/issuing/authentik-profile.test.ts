import { createPrivateKey, createPublicKey, X509Certificate } from 'node:crypto';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  type AuthentikRequest,
  belongTogether,
  CannotIssue,
  checkAuthentikRequest,
  type GeneratedKeyPair,
  generateKeyPair,
  type IssuedKeypair,
  issueAuthentikProfile,
  type KeyAlgorithm,
  loadCertificate,
  loadPrivateKey,
} from '../../../src/x509/index.ts';
import { openssl } from '../../support/openssl.ts';

const DAY = 86_400_000;
const request: AuthentikRequest = {
  commonName: 'fixture',
  subjectAltNames: [],
  validityDays: 365,
  issuerCommonName: 'Certkeep 1.2.3',
  now: new Date('2026-11-21T20:44:45.678Z'),
};

// Contract §1.4; openssl and node:crypto say what was issued.
describe.each<[KeyAlgorithm, string, string]>([
  ['rsa', 'RSA PRIVATE KEY', 'sha256WithRSAEncryption'],
  ['ecdsa', 'EC PRIVATE KEY', 'ecdsa-with-SHA256'],
  ['ed25519', 'PRIVATE KEY', 'ED25519'],
  ['ed448', 'PRIVATE KEY', 'ED448'],
])('%s', (algorithm, label, signatureAlgorithm) => {
  let issued: IssuedKeypair;
  let printed: string;
  beforeAll(async () => {
    issued = await issueAuthentikProfile(
      { ...request, subjectAltNames: ['a.example', '10.0.0.1'] },
      await generateKeyPair(algorithm),
    );
    printed = openssl(['x509', '-noout', '-text', '-nameopt', 'RFC2253'], issued.certificate);
  });

  test('is signed with its own key, by the right algorithm', () => {
    const certificate = new X509Certificate(issued.certificate);
    expect(certificate.verify(createPublicKey(createPrivateKey(issued.privateKey)))).toBe(true);
    expect(printed.match(/Signature Algorithm: (.*)/g)).toEqual(
      Array(2).fill(`Signature Algorithm: ${signatureAlgorithm}`),
    );
    const loaded = loadCertificate(issued.certificate);
    expect(belongTogether(loaded, loadPrivateKey(issued.privateKey))).toBe(true);
    // Its issuer is another name: authentik's certificates only look self-signed.
    expect(loaded.facts.selfSigned).toBe(false);
  });

  test('both texts are PEM of 64 columns with a trailing newline, the key in the format authentik uses', () => {
    expect(issued.privateKey.startsWith(`-----BEGIN ${label}-----\n`)).toBe(true);
    for (const text of Object.values(issued) as string[]) {
      expect(text).toMatch(
        /^-----BEGIN [A-Z ]+-----\n([A-Za-z0-9+/]{64}\n)*[A-Za-z0-9+/]{1,64}={0,2}\n-----END [A-Z ]+-----\n$/,
      );
    }
  });

  test('says what authentik says and nothing else', () => {
    expect(printed).toContain('Version: 3 (0x2)');
    expect(printed).toContain('Issuer: CN=Certkeep 1.2.3\n');
    expect(printed).toContain('Subject: OU=Self-signed,O=authentik,CN=fixture\n');
    expect(printed).toContain('Not Before: Nov 20 20:44:45 2026 GMT');
    expect(printed).toContain('Not After : Nov 21 20:44:45 2027 GMT');
    expect(printed.match(/X509v3 .*/g)).toEqual(['X509v3 extensions:', 'X509v3 Subject Alternative Name: critical']);
    expect(printed).toContain('DNS:a.example, DNS:10.0.0.1\n');
  });
});

test('the parameters of sha256WithRSAEncryption are NULL, as RFC 4055 §5 wants it', async () => {
  const { certificate } = await issueAuthentikProfile(request, await generateKeyPair('rsa'));
  const der = new X509Certificate(certificate).raw.toString('hex');
  expect(der.match(/06092a864886f70d01010b0500/g)).toHaveLength(2);
});

test('an RSA key has 4096 bits and the exponent 65537', async () => {
  const { publicKey } = await generateKeyPair('rsa');
  expect(publicKey.asymmetricKeyDetails).toEqual({ modulusLength: 4096, publicExponent: 65537n });
});

describe('with a key at hand', () => {
  let keys: GeneratedKeyPair;
  const issue = async (changes: Partial<AuthentikRequest>): Promise<X509Certificate> =>
    new X509Certificate((await issueAuthentikProfile({ ...request, ...changes }, keys)).certificate);
  beforeAll(async () => {
    keys = await generateKeyPair('ecdsa');
  });

  test('without alternative names there are no extensions at all', async () => {
    const certificate = await issue({});
    expect(certificate.subjectAltName).toBeUndefined();
    expect(openssl(['x509', '-noout', '-text'], certificate.toString())).not.toContain('X509v3');
  });

  test('names are UTF8String', async () => {
    const dump = openssl(['asn1parse'], (await issue({ commonName: 'fixture' })).toString());
    const strings = dump.match(/UTF8STRING +:.*/g);
    expect(strings?.map((line) => line.split(':')[1])).toEqual([
      'Certkeep 1.2.3',
      'fixture',
      'authentik',
      'Self-signed',
    ]);
  });

  test('every alternative name is a DNS name as it stands, duplicates and blanks too', async () => {
    const names = ['DNS:x', ' y', '*.z', 'https://w/', 'a@b', '::1', 'y', ' y', '\n'];
    const { certificate } = await issueAuthentikProfile({ ...request, subjectAltNames: names }, keys);
    expect(loadCertificate(certificate).facts.subjectAltNames).toMatchObject({
      dns: names,
      ip: [],
      email: [],
      uri: [],
    });
  });

  test('the common name is cut to 64 characters, counted as Python counts', async () => {
    expect((await issue({ commonName: 'x'.repeat(100) })).subject).toContain(`CN=${'x'.repeat(64)}\n`);
    expect(await issue({ commonName: `${'x'.repeat(60)}😀${'y'.repeat(9)}` }).catch((error) => error.code)).toBe(
      'COMMON_NAME_TOO_LONG',
    );
    const emoji = '😀'.repeat(16);
    expect((await issue({ commonName: emoji })).subject).toContain(`CN=${emoji}\n`);
  });

  test('serial numbers are version 4 UUIDs, and no two are the same', async () => {
    const serials = await Promise.all(
      Array.from({ length: 20 }, async () => (await issue({})).serialNumber.padStart(32, '0')),
    );
    for (const serial of serials) expect(serial).toMatch(/^[0-9A-F]{12}4[0-9A-F]{3}[89AB][0-9A-F]{15}$/);
    expect(new Set(serials).size).toBe(20);
  });

  test.each([
    [0, '2026-11-21T20:44:45Z'],
    [-1, '2026-11-20T20:44:45Z'],
    [2_912_000, '9999-09-04T20:44:45Z'],
  ])('%i days end at %s', async (validityDays, expected) => {
    const { validFrom, validTo } = await issue({ validityDays });
    expect(new Date(validFrom).toISOString()).toBe('2026-11-20T20:44:45.000Z');
    expect(new Date(validTo).toISOString().replace('.000', '')).toBe(expected);
  });

  test('years from 2050 are a GeneralizedTime, those before a UTCTime (RFC 5280 §4.1.2.5)', async () => {
    const [before, after] = [new Date('2049-12-31T23:59:59Z'), new Date('2050-01-01T00:00:00Z')];
    const dump = async (end: Date): Promise<string> =>
      openssl(['asn1parse'], (await issue({ now: new Date(end.getTime() - DAY), validityDays: 1 })).toString());
    expect(await dump(before)).toMatch(/UTCTIME +:491229235959Z.*UTCTIME +:491231235959Z/s);
    expect(await dump(after)).toMatch(/UTCTIME +:491230000000Z.*GENERALIZEDTIME +:20500101000000Z/s);
  });

  test('whatever is issued reads back as what was asked for', async () => {
    const word = fc
      .string({ unit: 'grapheme', minLength: 1, maxLength: 12 })
      .filter((text) => Buffer.byteLength(text) <= 64);
    const dns = fc.string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 80 });
    const days = fc.integer({ min: -1, max: 2_900_000 });
    await fc.assert(
      fc.asyncProperty(
        word,
        fc.array(dns, { maxLength: 5 }),
        days,
        async (commonName, subjectAltNames, validityDays) => {
          const { certificate } = await issueAuthentikProfile(
            { ...request, commonName, subjectAltNames, validityDays },
            keys,
          );
          const { facts } = loadCertificate(certificate);
          expect(facts.subjectAltNames.dns).toEqual(subjectAltNames);
          expect(facts.notAfter.getTime()).toBe(Date.parse('2026-11-21T20:44:45Z') + validityDays * DAY);
          expect(facts.subject.replace(/\\(00|.)/gs, (_, escaped) => (escaped === '00' ? '\0' : escaped))).toBe(
            `OU=Self-signed,O=authentik,CN=${commonName}`,
          );
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe('refused before any key is made', () => {
  test.each<[CannotIssue['code'], Partial<AuthentikRequest>]>([
    ['VALIDITY_TOO_SHORT', { validityDays: -2 }],
    ['VALIDITY_TOO_SHORT', { validityDays: Number.NaN }],
    ['VALIDITY_TOO_LONG', { validityDays: 2_912_119 }],
    ['VALIDITY_TOO_LONG', { validityDays: 1e30 }],
    ['VALIDITY_TOO_LONG', { validityDays: Number.POSITIVE_INFINITY }],
    ['VALIDITY_TOO_SHORT', { now: new Date('1950-01-01T12:00:00Z') }],
    ['COMMON_NAME_EMPTY', { commonName: '' }],
    ['COMMON_NAME_TOO_LONG', { commonName: 'é'.repeat(64) }],
    ['COMMON_NAME_TOO_LONG', { commonName: 'é'.repeat(33) }],
    ['TEXT_NOT_UNICODE', { commonName: 'x\ud800' }],
    ['ISSUER_NAME_EMPTY', { issuerCommonName: '' }],
    ['ISSUER_NAME_TOO_LONG', { issuerCommonName: 'x'.repeat(65) }],
    ['SUBJECT_ALT_NAME_EMPTY', { subjectAltNames: ['a', ''] }],
    ['SUBJECT_ALT_NAME_NOT_ASCII', { subjectAltNames: ['bücher.example'] }],
  ])('%s', (code, changes) => {
    const check = (): void => checkAuthentikRequest({ ...request, ...changes });
    expect(check).toThrow(CannotIssue);
    expect(check).toThrow(expect.objectContaining({ code }));
  });

  test.each<Partial<AuthentikRequest>>([
    { validityDays: -1 },
    { validityDays: 2_912_118 },
    { commonName: 'é'.repeat(32) },
    { commonName: 'x'.repeat(5000) },
    { subjectAltNames: ['~'] },
  ])('%j is taken', (changes) => expect(() => checkAuthentikRequest({ ...request, ...changes })).not.toThrow());
});
