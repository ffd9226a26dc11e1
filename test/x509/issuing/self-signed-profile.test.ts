import { describe, expect, test } from 'vitest';
import {
  type AuthentikRequest,
  CannotIssue,
  checkSelfSignedRequest,
  generateKeyPair,
  issueSelfSignedProfile,
  type KeyAlgorithm,
  LIMITS,
  loadCertificate,
} from '../../../src/x509/index.ts';
import { opensslVerify, printed } from './support/openssl-verify.ts';

const request: AuthentikRequest = {
  commonName: 'a.example',
  subjectAltNames: ['a.example', ' *.b.example\t', '10.0.0.1', '\u00a0::1', 'x@c.example', 'https://d.example/e'],
  validityDays: 365,
  issuerCommonName: 'unused',
  now: new Date(),
};

describe.each<[KeyAlgorithm, string, string]>([
  ['rsa', 'RSA PRIVATE KEY', 'Digital Signature, Key Encipherment'],
  ['ecdsa', 'EC PRIVATE KEY', 'Digital Signature'],
  ['ed25519', 'PRIVATE KEY', 'Digital Signature'],
  ['ed448', 'PRIVATE KEY', 'Digital Signature'],
])('%s', (algorithm, label, usage) => {
  test("verifies as its own trust anchor by openssl's strict rules, for all of its names", async () => {
    const { certificate, privateKey } = await issueSelfSignedProfile(request, await generateKeyPair(algorithm));
    expect(privateKey.startsWith(`-----BEGIN ${label}-----\n`)).toBe(true);
    for (const options of [
      ['-purpose', 'sslserver', '-verify_hostname', 'a.example'],
      ['-purpose', 'sslclient', '-verify_hostname', 'x.b.example'],
      ['-verify_ip', '10.0.0.1'],
      ['-verify_ip', '::1'],
      ['-verify_email', 'x@c.example'],
    ]) {
      expect(opensslVerify({ certificate, root: certificate }, options)).toMatch(/: OK\n$/);
    }
    const text = printed(certificate, '-nameopt', 'RFC2253');
    expect(text).toContain('Issuer: OU=Self-signed,O=authentik,CN=a.example\n');
    expect(text).toContain('Subject: OU=Self-signed,O=authentik,CN=a.example\n');
    expect(text).toContain('CA:FALSE');
    expect(text).toContain(`${usage}\n`);
    expect(text).toContain('URI:https://d.example/e');
    expect(loadCertificate(certificate).facts.selfSigned).toBe(true);
  });
});

test.each([-1, 0, 2_900_000])(
  'the validity is the one of authentik: %i days from now, and from a day ago',
  async (validityDays) => {
    const now = new Date('2026-11-21T20:44:45.678Z');
    const { certificate } = await issueSelfSignedProfile(
      { ...request, now, validityDays },
      await generateKeyPair('ed25519'),
    );
    const { notBefore, notAfter } = loadCertificate(certificate).facts;
    expect(notBefore).toEqual(new Date('2026-11-20T20:44:45Z'));
    expect(notAfter.getTime()).toBe(Date.parse('2026-11-21T20:44:45Z') + validityDays * 86_400_000);
  },
);

describe('refused before a key is made', () => {
  const long = (index: number): string => `${`${'a'.repeat(60)}.`.repeat(3)}a${index}.example`;

  test.each<[CannotIssue['code'], Partial<AuthentikRequest>]>([
    ['COMMON_NAME_TOO_LONG', { commonName: 'é'.repeat(64) }],
    ['VALIDITY_TOO_SHORT', { validityDays: -2 }],
    ['VALIDITY_TOO_LONG', { validityDays: 1e9 }],
    ['SUBJECT_ALT_NAME_NOT_ASCII', { subjectAltNames: ['bücher.example'] }],
    ['SUBJECT_ALT_NAME_OF_NO_KIND', { subjectAltNames: ['a.example', '10.0.0.256'] }],
    ['SUBJECT_ALT_NAME_OF_NO_KIND', { subjectAltNames: ['DNS:a.example'] }],
    ['SUBJECT_ALT_NAMES_TOO_MANY', { subjectAltNames: Array(LIMITS.ALTERNATIVE_NAMES + 1).fill('a') }],
    ['CERTIFICATE_TOO_LARGE', { subjectAltNames: Array.from({ length: 6000 }, (_, index) => long(index)) }],
  ])('%s', (code, changes) => {
    const check = (): void => checkSelfSignedRequest({ ...request, ...changes });
    expect(check).toThrow(CannotIssue);
    expect(check).toThrow(expect.objectContaining({ code }));
  });

  test('and what is taken is issued, as large as it may be', async () => {
    const subjectAltNames = Array.from({ length: 4000 }, (_, index) => long(index));
    const { certificate } = await issueSelfSignedProfile(
      { ...request, subjectAltNames },
      await generateKeyPair('ed25519'),
    );
    expect(loadCertificate(certificate).facts.subjectAltNames.dns).toEqual(subjectAltNames);
  });
});
