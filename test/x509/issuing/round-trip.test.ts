import { X509Certificate } from 'node:crypto';
import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import {
  checkNewCertificate,
  describeKey,
  generateKeyPair,
  issueCertificate,
  type KeySpec,
  loadCertificate,
  type NewCertificate,
} from '../../../src/x509/index.ts';
import { printed } from './support/openssl-verify.ts';
import { type Keys, newRoot } from './support/wanted.ts';

const SPECS: readonly KeySpec[] = [
  { type: 'rsa', bits: 1024 },
  { type: 'ec', curve: 'prime256v1' },
  { type: 'ec', curve: 'secp384r1' },
  { type: 'ec', curve: 'brainpoolP512r1' },
  { type: 'ed25519' },
  { type: 'ed448' },
];

let pool: Keys[];
let root: Awaited<ReturnType<typeof newRoot>>;
beforeAll(async () => {
  pool = await Promise.all(SPECS.map(generateKeyPair));
  const allTime = { notBefore: new Date('1950-01-01T00:00:00Z'), notAfter: new Date('9999-12-31T23:59:59Z') };
  root = await newRoot(await generateKeyPair('ecdsa'), allTime);
});

const printable = fc.stringMatching(/^[A-Za-z0-9 '()+,\-./:=?]{1,20}$/);
const unicode = fc
  .string({
    unit: fc.oneof(
      fc.constantFrom(',', '+', '"', '\\', '<', '>', ';', '#', ' ', '='),
      fc.string({ unit: 'grapheme', minLength: 1, maxLength: 1 }),
    ),
    minLength: 1,
    maxLength: 15,
  })
  .filter((text) => !text.includes('\0'));
const attribute = fc.oneof(
  fc.record({
    type: fc.constantFrom('CN', 'O', 'OU', 'L', 'ST', 'STREET', 'UID', 'title', '1.2.3.4.5'),
    value: unicode,
  }),
  fc.record({ type: fc.constantFrom('serialNumber', 'dnQualifier'), value: printable }),
  fc.record({ type: fc.constant('C'), value: fc.stringMatching(/^[A-Z]{2}$/) }),
  fc.record({ type: fc.constant('DC'), value: fc.stringMatching(/^[a-z0-9-]{1,10}$/) }),
);
const rdn = fc.oneof(
  { weight: 4, arbitrary: attribute },
  { weight: 1, arbitrary: fc.uniqueArray(attribute, { minLength: 1, maxLength: 3, selector: ({ type }) => type }) },
);
const label = fc.stringMatching(/^[a-z]([a-z0-9-]{0,8}[a-z0-9])?$/);
const host = fc.array(label, { minLength: 1, maxLength: 3 }).map((labels) => labels.join('.'));
const names = fc.record({
  dns: fc.array(
    fc.oneof(
      host,
      host.map((name) => `*.${name}`),
    ),
    { maxLength: 3 },
  ),
  ip: fc.array(fc.oneof(fc.ipV4(), fc.ipV6()), { maxLength: 3 }),
  email: fc.array(
    fc.tuple(label, host).map((parts) => parts.join('@')),
    { maxLength: 2 },
  ),
  uri: fc.array(
    fc
      .tuple(fc.constantFrom('https', 'spiffe', 'ldap'), host, label)
      .map(([scheme, at, path]) => `${scheme}://${at}/${path}`),
    { maxLength: 2 },
  ),
});
const second = fc.integer({ min: Date.parse('1950-01-01') / 1000, max: Date.parse('9999-12-31T23:59:59Z') / 1000 });
const validity = fc.tuple(second, second).map((pair) => {
  const [from = 0, to = 0] = pair.toSorted((one, other) => one - other);
  return { notBefore: new Date(from * 1000), notAfter: new Date(to * 1000) };
});
const constraints = fc.oneof(
  fc.constant({ isCa: false }),
  fc.record({ isCa: fc.constant(true), pathLength: fc.oneof(fc.constant(null), fc.nat(300)) }),
);
const wanted: fc.Arbitrary<NewCertificate> = fc
  .tuple(fc.array(rdn, { maxLength: 4 }), names, validity, constraints)
  .map(([subject, subjectAltNames, dates, ca]) => ({ subject, subjectAltNames, ...dates, ...ca }));
const key = fc.nat(SPECS.length - 1);

/** Any certificate that can be issued, with what it was asked to say. */
async function issue(request: NewCertificate, keyIndex: number, isOwnSigner: boolean): Promise<string> {
  const keys = pool[keyIndex] as Keys;
  const authority = isOwnSigner ? null : root.authority;
  // Only an empty subject can be wrong here.
  fc.pre(checkNewCertificate(request, describeKey(keys.publicKey), authority).length === 0);
  return issueCertificate(request, keys.publicKey, authority ?? keys.privateKey);
}

const unescaped = (text: string): string => text.replace(/\\(.)/gsu, '$1');
const attributesOf = ({ subject }: NewCertificate) => subject.flatMap((part) => ('type' in part ? [part] : part));
/** RFC 5952 by another implementation. */
const canonicalIp = (ip: string): string => (ip.includes(':') ? new URL(`http://[${ip}]`).hostname.slice(1, -1) : ip);

test('whatever is issued reads back as what was asked for', async () => {
  await fc.assert(
    fc.asyncProperty(wanted, key, fc.boolean(), async (request, keyIndex, isOwnSigner) => {
      const certificate = await issue(request, keyIndex, isOwnSigner);
      const { facts } = loadCertificate(certificate);
      const { dns = [], ip = [], email = [], uri = [] } = request.subjectAltNames ?? {};
      expect(facts.subjectAltNames).toMatchObject({ dns, ip: ip.map(canonicalIp), email, uri });
      expect([facts.notBefore, facts.notAfter]).toEqual([request.notBefore, request.notAfter]);
      expect([facts.isCa, facts.pathLength]).toEqual([request.isCa, request.pathLength ?? null]);
      expect(facts.selfSigned).toBe(isOwnSigner);
      const byOpenssl = new X509Certificate(certificate);
      const { publicKey } = pool[keyIndex] as Keys;
      expect(byOpenssl.publicKey.equals(publicKey)).toBe(true);
      expect(byOpenssl.verify(isOwnSigner ? publicKey : new X509Certificate(root.certificate).publicKey)).toBe(true);
      // Each value is in the text, whatever order the attributes of one RDN got.
      const subject = unescaped(facts.subject);
      for (const { value } of attributesOf(request)) expect(subject).toContain(`=${value}`);
    }),
    { numRuns: 500 },
  );
}, 60_000);

test('openssl reads the same facts', async () => {
  await fc.assert(
    fc.asyncProperty(wanted, key, fc.boolean(), async (request, keyIndex, isOwnSigner) => {
      const certificate = await issue(request, keyIndex, isOwnSigner);
      // One process for all of it. Values stay as they are without openssl's escapes.
      const nameOptions = ['-nameopt', 'utf8,sep_multiline,sname,dump_nostr,-dump_unknown'];
      const all = ['-subject', '-dates', '-serial', '-dateopt', 'iso_8601', ...nameOptions];
      const shown = printed(certificate, ...all);
      for (const { type, value } of attributesOf(request)) {
        expect(shown.slice(shown.lastIndexOf('\nsubject='))).toContain(`${SHORT_NAMES[type] ?? type}=${value}`);
      }
      expectAlternativeNames(shown, request);
      const limit = typeof request.pathLength === 'number' ? `, pathlen:${request.pathLength}` : '';
      expect(shown).toContain(request.isCa ? `CA:TRUE${limit}\n` : 'CA:FALSE\n');
      expect(shown).toContain(`\nnotBefore=${iso(request.notBefore)}\nnotAfter=${iso(request.notAfter)}\n`);
      const serial = evenDigits(loadCertificate(certificate).facts.serialNumber);
      expect(shown).toContain(`\nserial=${serial.toUpperCase()}\n`);
    }),
    { numRuns: 40 },
  );
}, 60_000);

function expectAlternativeNames(shown: string, { subjectAltNames }: NewCertificate): void {
  const { dns = [], ip = [], email = [], uri = [] } = subjectAltNames ?? {};
  const line = /Subject Alternative Name: (?:critical)?\n *(.*)/.exec(shown)?.[1] ?? '';
  const entries = line === '' ? [] : line.split(', ');
  const printedNames = entries.map((entry) =>
    entry.replace(/^IP Address:(.*)$/, (_, address) => `IP:${canonicalIp(address)}`),
  );
  expect(printedNames).toEqual([
    ...dns.map((name) => `DNS:${name}`),
    ...ip.map((address) => `IP:${canonicalIp(address)}`),
    ...email.map((address) => `email:${address}`),
    ...uri.map((location) => `URI:${location}`),
  ]);
}

const SHORT_NAMES: Readonly<Record<string, string>> = { STREET: 'street' };
const iso = (date: Date): string => date.toISOString().replace('T', ' ').replace('.000', '');
const evenDigits = (digits: string): string => (digits.length % 2 === 0 ? digits : `0${digits}`);
