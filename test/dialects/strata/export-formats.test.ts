import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { registerPrivateKeys, registerSecret } from '../../support/leaks/secrets.ts';
import { startServer, type TestServer } from '../../support/server.ts';
import {
  BASES,
  base64,
  bodyOf,
  exported,
  type Fields,
  fromBase64,
  imported,
  opensslAmong,
  opensslChain,
} from './support/files.ts';

const PASSPHRASE = 'canary-of-an-export-0123456789';
const pass = `pass:${PASSPHRASE}`;
const usages = ['-addext', 'subjectAltName=DNS:a.example,IP:192.0.2.1,email:a@b.example', '-addext'];
const { certificate, privateKey, authority } = opensslChain(
  'export.example',
  ...usages,
  'extendedKeyUsage=serverAuth,1.2.3.4',
  '-addext',
  'keyUsage=critical,digitalSignature',
);
const publicKey = opensslAmong({ key: privateKey }, ['pkey', '-in', 'key', '-pubout']).toString();

let server: TestServer;
/** With its chain and its key, and without a key. */
let whole: string;
let keyless: string;
beforeAll(async () => {
  registerSecret('passphrase', PASSPHRASE);
  server = await startServer();
  whole = await store({ key_file: base64(privateKey), name: 'a name, of two parts' });
  keyless = await store({});
});
afterAll(() => server.close());

async function store(fields: Fields): Promise<string> {
  const { body } = await imported(server, { certificate_file: base64(certificate + authority), ...fields });
  return body.id;
}

/** The file of an export, whose answer is nothing else. */
async function fileOf(id: string, fields: Fields): Promise<Buffer> {
  const { status, body } = await exported(server, id, fields);
  expect(status).toBe(201);
  expect(Object.keys(body)).toEqual(['certificate']);
  expect(body['certificate']).toMatch(/^[A-Za-z0-9+/]+={0,2}$/);
  return fromBase64(String(body['certificate']));
}

const sha256 = (pem: string) =>
  opensslAmong({ pem }, ['x509', '-in', 'pem', '-noout', '-fingerprint', '-sha256']).toString();

describe('an export as', () => {
  test('pem without a passphrase is the certificate and its chain alone', async () => {
    for (const fields of [{ format: 'pem' }, { format: 'pem', passphrase: '' }]) {
      expect((await fileOf(whole, fields)).toString()).toBe(certificate + authority);
    }
  });

  test('pem with a passphrase has the key behind it, which only that opens', async () => {
    const pem = (await fileOf(whole, { format: 'pem', passphrase: PASSPHRASE })).toString();
    const key = pem.slice((certificate + authority).length);

    expect(pem.startsWith(certificate + authority)).toBe(true);
    expect(key).toMatch(/^-----BEGIN ENCRYPTED PRIVATE KEY-----\n[^-]+-----END ENCRYPTED PRIVATE KEY-----\n$/);
    expect(opensslAmong({ pem }, ['pkey', '-in', 'pem', '-passin', pass, '-pubout']).toString()).toBe(publicKey);
    expect(() => opensslAmong({ pem }, ['pkey', '-in', 'pem', '-passin', 'pass:wrong'])).toThrow();
  });

  test('der is the first certificate', async () => {
    const der = await fileOf(whole, { format: 'der' });
    expect(der.equals(fromBase64(bodyOf(certificate)))).toBe(true);
  });

  test('pkcs12 holds certificate, chain, key and name', async () => {
    const p12 = await fileOf(whole, { format: 'pkcs12', passphrase: PASSPHRASE });
    const opened = opensslAmong({ p12 }, ['pkcs12', '-in', 'p12', '-passin', pass, '-nodes']).toString();
    registerPrivateKeys(opened);
    const blocks = [...opened.matchAll(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g)].map(String);

    expect(blocks.map(sha256)).toEqual([certificate, authority].map(sha256));
    expect(opened).toContain('friendlyName: a name, of two parts');
    expect(opensslAmong({ opened }, ['pkey', '-in', 'opened', '-pubout']).toString()).toBe(publicKey);
    expect(() => opensslAmong({ p12 }, ['pkcs12', '-in', 'p12', '-passin', 'pass:wrong'])).toThrow();
  });

  test('pkcs10 asks for the same names, uses and key, and openssl verifies it', async () => {
    const request = (await fileOf(whole, { format: 'pkcs10' })).toString();
    const read = (...arguments_: string[]) =>
      opensslAmong({ request, certificate }, arguments_).toString().replaceAll(/\s+/g, ' ');
    const asked = read('req', '-in', 'request', '-noout', '-text', '-verify');

    expect(asked).toContain('Subject: CN = export.example, O = Export');
    expect(asked).toContain(
      [
        'X509v3 Basic Constraints: critical CA:FALSE X509v3 Subject Alternative Name: DNS:a.example, IP Address:192.0.2.1,',
        'email:a@b.example X509v3 Extended Key Usage: TLS Web Server Authentication, 1.2.3.4',
        'X509v3 Key Usage: critical Digital Signature',
      ].join(' '),
    );
    expect(read('req', '-in', 'request', '-noout', '-pubkey')).toBe(publicKey.replaceAll(/\s+/g, ' '));
  });
});

test.each([
  ['pem', ''],
  ['pem', PASSPHRASE],
  ['der', ''],
  ['pkcs12', PASSPHRASE],
  ['pkcs10', ''],
])('the legacy base path exports %s under "%s" too', async (format, passphrase) => {
  const { status, body } = await exported(server, whole, { format, passphrase }, { base: BASES[1] });
  expect(status).toBe(201);
  expect(Object.keys(body)).toEqual(['certificate']);
});

test('without a private key, pem and der are what they are with one', async () => {
  expect((await fileOf(keyless, { format: 'pem', passphrase: PASSPHRASE })).toString()).toBe(certificate + authority);
  expect((await fileOf(keyless, { format: 'der' })).equals(fromBase64(bodyOf(certificate)))).toBe(true);
});

test('no cache keeps an export', async () => {
  const response = await server.request('POST', `${BASES[0]}/certificates/${whole}:export`, { format: 'pem' });
  expect(response.headers.get('cache-control')).toBe('no-store');
});

test('the colon of the action may be percent-encoded', async () => {
  const response = await server.request('POST', `${BASES[0]}/certificates/${whole}%3aexport`, { format: 'pem' });
  expect(response.status).toBe(201);
});

test.each([
  ['pem', { certificate: certificate + authority, hasKey: true }],
  ['pkcs12', { certificate: certificate + authority, hasKey: true }],
  ['der', { certificate, hasKey: false }],
])('what is exported as %s is imported as the same', async (format, { certificate: text, hasKey }) => {
  const passphrase = PASSPHRASE;
  const { body } = await exported(server, whole, { format, passphrase });
  const again = await imported(server, { format, passphrase, certificate_file: body['certificate'] });

  expect(again.status).toBe(201);
  expect((await fileOf(again.body.id, { format: 'pem' })).toString()).toBe(text);
  const { status } = await exported(server, again.body.id, { format: 'pkcs12', passphrase });
  expect(status).toBe(hasKey ? 201 : 400);
});
