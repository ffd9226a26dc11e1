import { X509Certificate } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openssl } from '../../support/openssl.ts';
import { startServer, type TestServer } from '../../support/server.ts';
import { opensslVerify } from '../../x509/issuing/support/openssl-verify.ts';
import { generated, type Shown } from './support/generate.ts';

/** What is generated, as OpenSSL reads it. */

const DAY_SECONDS = 86_400;
const EVERY_FIELD = {
  common_name: 'portal.example.test',
  algorithm: { rsa_number_of_bits: 2048 },
  digest: 'sha512',
  day_till_expiration: 365,
  is_certificate_authority: false,
  hostname: ['portal.example.test', 'www.example.test', 'PORTAL.example.test'],
  ip: ['192.0.2.10', '2001:db8::1', '2001:DB8:0::1'],
  email: 'pki@example.test',
  alternate_email: ['ops@example.test', 'pki@EXAMPLE.test', 'OPS@example.test'],
  country_code: 'FR',
  state: 'Rhone',
  locality: 'Lyon',
  department: ['IT', 'Net'],
  ocsp_responder_url: 'http://ocsp.example.test',
};

let server: TestServer;
let root: Shown;
let intermediate: Shown;
let leaf: Shown;
beforeAll(async () => {
  server = await startServer();
  const ca = { is_certificate_authority: true };
  root = await generated(server, { ...ca, common_name: 'Root', day_till_expiration: 3650, department: ['CAs'] });
  const issuing = { ...ca, common_name: 'Issuing', day_till_expiration: 1000, algorithm: { rsa_number_of_bits: 2048 } };
  intermediate = await generated(server, { ...issuing, signed_by: root.name });
  leaf = await generated(server, { ...EVERY_FIELD, signed_by: intermediate.name });
});
afterAll(() => server.close());

function printed({ public_key }: Shown): string {
  const lines = [
    '-subject',
    '-issuer',
    '-nameopt',
    'compat',
    '-subject_hash',
    '-issuer_hash',
    '-startdate',
    '-enddate',
  ];
  return openssl(['x509', '-noout', '-text', ...lines], public_key);
}

test('a root, an intermediate and a leaf verify, for every name of the leaf', () => {
  const chain = { certificate: leaf.public_key, untrusted: intermediate.public_key, root: root.public_key };
  const names = [
    '-verify_hostname',
    'www.example.test',
    '-verify_ip',
    '2001:db8::1',
    '-verify_email',
    'ops@example.test',
  ];
  expect(opensslVerify(chain, ['-purpose', 'sslserver', ...names])).toMatch(/: OK\n$/);
  expect(opensslVerify(chain, ['-purpose', 'sslclient', '-verify_email', 'pki@example.test'])).toMatch(/: OK\n$/);
});

test('a leaf says what was asked for, and what its API shows is what openssl prints', () => {
  const text = printed(leaf);
  for (const line of [
    '/C=FR/ST=Rhone/L=Lyon/OU=IT/OU=Net/CN=portal.example.test',
    '/CN=Issuing',
    'Signature Algorithm: sha512WithRSAEncryption',
    'Public-Key: (2048 bit)',
    'Exponent: 65537',
    'X509v3 Basic Constraints: critical\n                CA:FALSE',
    'X509v3 Key Usage: critical\n                Digital Signature, Key Encipherment',
    'TLS Web Server Authentication, TLS Web Client Authentication',
    'Authority Information Access: \n                OCSP - URI:http://ocsp.example.test\n',
    'DNS:portal.example.test, DNS:www.example.test, IP Address:192.0.2.10, IP Address:2001:DB8:0:0:0:0:0:1, email:pki@example.test, email:ops@example.test, email:OPS@example.test\n',
    `\n${leaf.subject_hash}\n${leaf.issuer_hash}\n`,
    `subject=${leaf.subject}\nissuer=${leaf.issuer}\n`,
  ]) {
    expect(text).toContain(line);
  }
  expect([leaf.algorithm, leaf.ca, leaf.issuer_hash]).toEqual(['RSA', false, intermediate.subject_hash]);
});

test('a CA says that it is one, and signs certificates and lists of revoked ones alone', () => {
  for (const ca of [root, intermediate]) {
    const text = printed(ca);
    expect(text).toContain('X509v3 Basic Constraints: critical\n                CA:TRUE\n');
    expect(text).toContain('X509v3 Key Usage: critical\n                Certificate Sign, CRL Sign\n');
    expect(text).not.toMatch(/Extended Key Usage|Subject Alternative Name|Information Access/);
    expect(text).toContain(`\n${ca.subject_hash}\n${ca.issuer_hash}\n`);
    expect(ca.ca).toBe(true);
  }
  expect(printed(root)).toContain('Signature Algorithm: ecdsa-with-SHA256');
});

test.each([
  [245, 'prime256v1'],
  [256, 'prime256v1'],
  [384, 'secp384r1'],
])('ecdsa_number_of_bits of %i is %s', async (ecdsa_number_of_bits, curve) => {
  const { public_key } = await generated(server, { algorithm: { ecdsa_number_of_bits } });
  expect(new X509Certificate(public_key).publicKey.asymmetricKeyDetails?.namedCurve).toBe(curve);
});

test.each([
  [{}, 365],
  [{ day_till_expiration: 1 }, 1],
  [{ day_till_expiration: 36_500 }, 36_500],
])('%j lasts %i days from now', async (changes, days) => {
  const { public_key } = await generated(server, changes);
  const { validFrom, validTo } = new X509Certificate(public_key);
  const [begin, end] = [Date.parse(validFrom) / 1000, Date.parse(validTo) / 1000];
  expect(end - begin).toBe(days * DAY_SECONDS);
  expect(Math.abs(begin - Date.now() / 1000)).toBeLessThan(60);
});

const label = fc.stringMatching(/^[a-z][a-z0-9]{0,8}$/);
const hostname = fc.tuple(label, label).map((labels) => labels.join('.'));
const attribute = (maxLength: number) =>
  fc
    .string({ unit: 'grapheme', minLength: 1, maxLength: maxLength / 4 })
    .filter((text) => /^[^\p{Cc}\p{Cs}]+$/u.test(text) && text.length <= maxLength);
const request = fc.record(
  {
    common_name: attribute(64),
    state: attribute(32),
    locality: attribute(64),
    country_code: fc.constantFrom('FR', 'DE', 'us'),
    department: fc.array(attribute(64), { maxLength: 4 }),
    hostname: fc.array(hostname, { maxLength: 5 }),
    ip: fc.array(fc.oneof(fc.ipV4(), fc.ipV6()), { maxLength: 5 }),
    alternate_email: fc.array(
      hostname.map((host) => `pki@${host}`),
      { maxLength: 3 },
    ),
    day_till_expiration: fc.integer({ min: 1, max: 900 }),
    is_certificate_authority: fc.boolean(),
    digest: fc.constantFrom('sha256', 'sha384', 'sha512'),
    signed_by: fc.boolean(),
  },
  { requiredKeys: ['common_name', 'digest'] },
);

test('whatever sound request: OpenSSL reads each name once, in order, and the signature verifies', async () => {
  await fc.assert(
    fc.asyncProperty(request, async ({ signed_by, ...wanted }) => {
      const shown = await generated(server, { ...wanted, signed_by: signed_by === true ? root.name : '' });
      const read = new X509Certificate(shown.public_key);
      const signer = signed_by === true ? new X509Certificate(root.public_key) : read;
      const { country_code, state, locality, department = [], common_name } = wanted;
      const parts = { C: country_code, ST: state, L: locality, OU: unlessOne(department), CN: common_name };
      const given = Object.fromEntries(Object.entries(parts).filter(([, value]) => value !== undefined));

      expect(read.toLegacyObject().subject).toEqual(given);
      expect(Object.keys(read.toLegacyObject().subject)).toEqual(Object.keys(given));
      expect(kinds(read)).toEqual({
        DNS: new Set(wanted.hostname),
        email: new Set(wanted.alternate_email),
        'IP Address': new Set(wanted.ip?.map(canonical)),
      });
      expect(read.ca).toBe(wanted.is_certificate_authority === true);
      expect([read.issuer, read.verify(signer.publicKey)]).toEqual([signer.subject, true]);
      const seconds = (Date.parse(read.validTo) - Date.parse(read.validFrom)) / 1000;
      expect(seconds).toBe((wanted.day_till_expiration ?? 365) * DAY_SECONDS);
    }),
    { numRuns: 40 },
  );
});

/** As Node shows an attribute that may stand several times. */
function unlessOne(values: readonly string[]): readonly string[] | string | undefined {
  return values.length > 1 ? values : values[0];
}

/** The alternative names by kind, none twice. */
function kinds({ subjectAltName = '' }: X509Certificate): Record<string, Set<string>> {
  const names: Record<string, Set<string>> = { DNS: new Set(), email: new Set(), 'IP Address': new Set() };
  for (const [, kind = '', text = ''] of subjectAltName.matchAll(/(DNS|email|IP Address):([^,]*)/g)) {
    const name = kind === 'IP Address' ? canonical(text) : text;
    expect(names[kind]).not.toContain(name);
    names[kind]?.add(name);
  }
  return names;
}

/** One spelling of an address, by the URL Standard. */
function canonical(address: string): string {
  return new URL(`http://${address.includes(':') ? `[${address}]` : address}`).hostname;
}
