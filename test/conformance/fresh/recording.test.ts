import { createPrivateKey, generateKeyPairSync, X509Certificate } from 'node:crypto';
import { expect, test } from 'vitest';
import { opensslPair } from '../../support/openssl.ts';
import type { Recorded } from '../replay.ts';
import { recordedLeft } from './left.ts';
import { makeAnew } from './recording.ts';

const SEED = 1;

test.each([
  ['RSA', ['-newkey', 'rsa:1024']],
  ['RSA-PSS', ['-newkey', 'rsa-pss', '-pkeyopt', 'rsa_keygen_bits:1024']],
  ['P-521', ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-521']],
  [
    'a curve written out in full',
    ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-pkeyopt', 'ec_param_enc:explicit'],
  ],
  ['Ed448', ['-newkey', 'ed448']],
])('gives a certificate with %s another key of its own, of the same length', (_name, algorithm) => {
  const { certificate, privateKey } = opensslPair('recorded.example', algorithm);
  const recorded = [create({ certificate_data: certificate, key_data: privateKey })];

  const steps = makeAnew(recorded, SEED);
  const fresh = bodyOf(steps);

  expect(recordedLeft(recorded, steps)).toEqual([]);
  const parsed = new X509Certificate(String(fresh['certificate_data']));
  expect(parsed.checkPrivateKey(createPrivateKey(String(fresh['key_data'])))).toBe(true);
  expect(parsed.verify(parsed.publicKey)).toBe(true);
  expect(String(fresh['certificate_data'])).toHaveLength(certificate.length);
  expect(String(fresh['key_data'])).toHaveLength(privateKey.length);
});

test('gives a DSA key another secret on its parameters', () => {
  const { privateKey } = generateKeyPairSync('dsa', { modulusLength: 1024, divisorLength: 160 });
  const key = String(privateKey.export({ type: 'pkcs8', format: 'pem' }));
  const recorded = [create({ key_data: key })];

  const fresh = String(bodyOf(makeAnew(recorded, SEED))['key_data']);

  expect(recordedLeft(recorded, makeAnew(recorded, SEED))).toEqual([]);
  expect(fresh).toHaveLength(key.length);
  expect(createPrivateKey(fresh).asymmetricKeyType).toBe('dsa');
});

test('breaks a fresh key where the recorded one was broken', () => {
  const { privateKey } = opensslPair('recorded.example', ['-newkey', 'rsa:1024']);
  const at = 400;
  const tampered = privateKey.slice(0, at) + (privateKey[at] === 'A' ? 'B' : 'A') + privateKey.slice(at + 1);
  const steps = makeAnew([create({ key_data: privateKey }), create({ key_data: tampered })], SEED);

  const [sound = '', broken = ''] = steps.map((step) => String(bodyOf([step])['key_data']));

  expect([...sound].flatMap((character, index) => (character === broken[index] ? [] : [index]))).toEqual([at]);
});

test('keeps line ends, indentation, the other alphabet of base64 and the text around a block', () => {
  const { certificate } = opensslPair('recorded.example', ['-newkey', 'rsa:2048']);
  const form = (pem: string) => `words\r\n${pem.replaceAll('\n', '\r\n  ')}words`;
  const base64url = certificate.replaceAll('+', '-').replaceAll('/', '_');
  const recorded = [create({ certificate_data: form(certificate) }), create({ certificate_data: base64url })];

  const [odd, url] = makeAnew(recorded, SEED).map((step) => String(bodyOf([step])['certificate_data']));

  const plain = odd?.slice('words\r\n'.length, -'words'.length).replaceAll('\r\n  ', '\n') ?? '';
  expect(odd).toBe(form(plain));
  expect(url).toBe(plain.replaceAll('+', '-').replaceAll('/', '_'));
  expect(new X509Certificate(plain).subject).not.toContain('recorded');
});

test('renames alike in bodies, searches, answers and headers, Latin or not', () => {
  const { certificate } = opensslPair('recorded.example');
  const expected = describe('ключ "a"', certificate);
  const header = `attachment; filename="ключ "a"_certificate.pem"`;
  const recorded: Recorded[] = [
    create({ name: ' ключ "a" ', certificate_data: certificate }, expected),
    get('/?name=%D0%BA%D0%BB%D1%8E%D1%87+%22a%22', { json: { results: [expected] } }),
    get('/?search=%D0%9A%D0%BB', { json: { results: [expected] } }),
    get('/x?download', { disposition: `=?utf-8?b?${Buffer.from(header).toString('base64')}?=` }),
  ];

  const [created, named, searched, downloaded] = makeAnew(recorded, SEED);

  const name = String(bodyOf(created === undefined ? [] : [created])['name']).trim();
  expect(name).not.toBe('ключ "a"');
  expect(created?.expect.json).toMatchObject({ name });
  expect(parameter(named, 'name')).toBe(name);
  expect(name.toLowerCase()).toContain(parameter(searched, 'search').toLowerCase());
  const encoded = /^=\?utf-8\?b\?(.*)\?=$/.exec(downloaded?.expect.disposition ?? '')?.[1] ?? '';
  expect(Buffer.from(encoded, 'base64').toString()).toBe(`attachment; filename="${name}_certificate.pem"`);
});

test.each([63, 64, 65, 300])('leaves a name of %i characters on its side of the limit of common names', (length) => {
  const recorded = [create({ common_name: 'n'.repeat(length) })];
  expect(String(bodyOf(makeAnew(recorded, SEED))['common_name'])).toHaveLength(length);
});

test('refuses a recording that describes a certificate which it does not hold', () => {
  const { certificate } = opensslPair('recorded.example');
  const recorded = [create({ certificate_data: 'bad' }, describe('a', certificate))];
  expect(() => makeAnew(recorded, SEED)).toThrow('no recorded certificate has the fingerprint');
});

test('refuses a recorded key that would stay', () => {
  const { privateKey } = opensslPair('recorded.example', ['-newkey', 'rsa:1024']);
  const tampered = privateKey.slice(0, 400) + (privateKey[400] === 'A' ? 'B' : 'A') + privateKey.slice(401);
  expect(() => makeAnew([create({ key_data: tampered })], SEED)).toThrow('a recorded block would stay');
});

function create(members: Record<string, string>, json?: unknown): Recorded {
  const body = JSON.stringify({ name: 'recorded', ...members });
  return { id: 'create', method: 'POST', path: '/', headers: {}, body, expect: { status: 201, json } };
}

function get(path: string, expected: Partial<Recorded['expect']>): Recorded {
  return { id: path, method: 'GET', path, headers: {}, expect: { status: 200, ...expected } };
}

function describe(name: string, certificate: string): Record<string, string> {
  const { fingerprint256, fingerprint } = new X509Certificate(certificate);
  return {
    pk: '<pk>',
    name,
    fingerprint_sha256: fingerprint256.toLowerCase(),
    fingerprint_sha1: fingerprint.toLowerCase(),
    cert_expiry: '2036-11-18T20:44:45Z',
    cert_subject: 'CN=recorded.example',
  };
}

function parameter(step: Recorded | undefined, name: string): string {
  return new URL(step?.path ?? '', 'http://localhost').searchParams.get(name) ?? '';
}

function bodyOf(steps: readonly Recorded[]): Record<string, unknown> {
  return JSON.parse(steps[0]?.body ?? '{}') as Record<string, unknown>;
}
