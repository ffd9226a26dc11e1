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
  shown,
} from './support/files.ts';

const PASSPHRASE = 'canary-of-an-import-0123456789';
const { certificate, privateKey, authority } = opensslChain('import.example');
const files = { 'leaf.pem': certificate, 'leaf.key': privateKey, 'ca.pem': authority };
const der = fromBase64(bodyOf(certificate));
const pass = `pass:${PASSPHRASE}`;
const convert = (...arguments_: string[]) => opensslAmong(files, arguments_);
const pkcs12 = (...options: string[]) =>
  convert('pkcs12', '-export', '-in', 'leaf.pem', '-inkey', 'leaf.key', '-passout', pass, '-out', 'out', ...options);

/** The private key in every form that openssl writes. */
const KEYS: ReadonlyArray<readonly [form: string, file: Buffer]> = [
  ['PKCS#8 in PEM', Buffer.from(privateKey)],
  ['PKCS#8 in DER', convert('pkcs8', '-topk8', '-nocrypt', '-in', 'leaf.key', '-outform', 'DER')],
  ['SEC 1 in PEM', convert('ec', '-in', 'leaf.key')],
  ['SEC 1 in DER', convert('ec', '-in', 'leaf.key', '-outform', 'DER')],
  ['encrypted PKCS#8 in PEM', convert('pkcs8', '-topk8', '-in', 'leaf.key', '-passout', pass)],
  ['encrypted PKCS#8 in DER', convert('pkcs8', '-topk8', '-in', 'leaf.key', '-outform', 'DER', '-passout', pass)],
  ['PEM encrypted by RFC 1421', convert('ec', '-in', 'leaf.key', '-aes256', '-passout', pass)],
  ['PEM behind a comment', Buffer.from(`Bag Attributes: none\n${privateKey}`)],
];

let server: TestServer;
beforeAll(async () => {
  registerSecret('passphrase', PASSPHRASE);
  for (const [, file] of KEYS) {
    registerPrivateKeys(file.toString('latin1'));
  }
  server = await startServer();
});
afterAll(() => server.close());

/** The public half of the key that is stored: it signs a request, which openssl verifies. */
async function storedKey(id: string): Promise<string> {
  const { body } = await exported(server, id, { format: 'pkcs10' });
  const request = fromBase64(String(body['certificate']));
  return opensslAmong({ request }, ['req', '-in', 'request', '-noout', '-verify', '-pubkey']).toString();
}

const ownKey = convert('pkey', '-in', 'leaf.key', '-pubout').toString();

describe.each(BASES)('%s', (base) => {
  test('answers the echo and the stored certificate in one, without a secret', async () => {
    const fields = { name: `echo at ${base}`, certificate_file: base64(certificate), key_file: base64(privateKey) };
    const { status, body } = await imported(server, { ...fields, passphrase: PASSPHRASE, format: 'pem' }, { base });
    const { id, ...rest } = body;

    expect(status).toBe(201);
    expect(rest).toEqual({
      name: fields.name,
      format: 'pem',
      certificate_file: fields.certificate_file,
      folder: 'Shared',
      algorithm: 'EC',
      ca: false,
      common_name: 'import.example',
      common_name_int: 'import.example',
      expiry_epoch: expect.stringMatching(/^\d{10}$/),
      issuer: '/CN=import.example CA',
      issuer_hash: opensslAmong(files, ['x509', '-in', 'leaf.pem', '-noout', '-issuer_hash']).toString().trim(),
      subject: '/CN=import.example/O=Export',
      subject_hash: opensslAmong(files, ['x509', '-in', 'leaf.pem', '-noout', '-subject_hash']).toString().trim(),
      subject_int: '/CN=import.example/O=Export',
      not_valid_before: expect.stringMatching(/^\d{4}-\d\d-\d\d$/),
      not_valid_after: expect.stringMatching(/^\d{4}-\d\d-\d\d$/),
      public_key: certificate,
    });
    const { format: _format, certificate_file: _file, ...certificatesGet } = body;
    expect(await shown(server, id)).toEqual(certificatesGet);
  });
});

describe('the certificate comes', () => {
  const chain = certificate + authority;
  const wrapped = base64(certificate).replaceAll(/.{64}/g, '$&\r\n');

  test.each<[form: string, fields: Fields]>([
    ['in PEM, in base64', { certificate_file: base64(certificate), format: 'pem' }],
    ['without a format, which is PEM', { certificate_file: base64(certificate) }],
    ['as PEM where base64 was meant', { certificate_file: certificate }],
    ['as PEM behind blanks', { certificate_file: `\n  ${certificate}` }],
    ['in base64 of many lines', { certificate_file: wrapped }],
    ['in base64 without its padding', { certificate_file: base64(`${certificate}\n`).replaceAll('=', '') }],
    ['in DER', { certificate_file: base64(der), format: 'der' }],
    ['with its chain', { certificate_file: base64(chain) }],
  ])('%s, and is echoed as it was sent', async (_form, fields) => {
    const { status, body } = await imported(server, fields);

    expect(status).toBe(201);
    expect(body).toMatchObject({ certificate_file: fields['certificate_file'], common_name: 'import.example' });
    expect(body['format']).toBe(fields['format'] ?? 'pem');
  });

  test('with text around it, of which nothing is kept or echoed', async () => {
    const { body } = await imported(server, { certificate_file: base64(`# our certificate\n${certificate}`) });
    const { body: file } = await exported(server, body.id, { format: 'pem' });

    expect(body['certificate_file']).toBe(base64(certificate));
    expect(fromBase64(String(file['certificate'])).toString()).toBe(certificate);
  });

  test('in PEM that is kept byte for byte where it holds nothing else', async () => {
    const odd = `\r\n${chain.replaceAll('\n', '\r\n')}\t\n`;
    const { body } = await imported(server, { certificate_file: base64(odd) });
    const { body: file } = await exported(server, body.id, { format: 'pem' });

    expect(fromBase64(String(file['certificate'])).toString()).toBe(odd);
  });

  test.each([
    ['indented', chain.replaceAll(/^/gm, '  ')],
    ['in a line without an end', `-----BEGIN CERTIFICATE-----${bodyOf(certificate)}-----END CERTIFICATE-----`],
    ['in lines that carriage returns end', certificate.replaceAll('\n', '\r')],
    ['without a line between END and BEGIN', certificate.trimEnd() + authority],
    ['under an older label', certificate.replaceAll(' CERTIFICATE', ' X509 CERTIFICATE')],
    ['behind a blank that is none of ASCII', `\u00a0${certificate}`],
  ])('in PEM %s, which comes out as openssl reads it', async (_how, odd) => {
    const { body } = await imported(server, { certificate_file: base64(odd) });
    const { body: file } = await exported(server, body.id, { format: 'pem' });

    expect(body).toMatchObject({ certificate_file: base64(odd), public_key: certificate });
    const pem = fromBase64(String(file['certificate']));
    expect(opensslAmong({ pem }, ['x509', '-in', 'pem', '-outform', 'DER'])).toEqual(der);
  });
});

describe('the private key comes', () => {
  test.each(KEYS)('in key_file, as %s', async (_form, file) => {
    const fields = { certificate_file: base64(certificate), key_file: base64(file), passphrase: PASSPHRASE };
    const { status, body } = await imported(server, fields);

    expect(status).toBe(201);
    expect(await storedKey(body.id)).toBe(ownKey);
  });

  test('as PEM where base64 was meant', async () => {
    const { body } = await imported(server, { certificate_file: certificate, key_file: privateKey });
    expect(await storedKey(body.id)).toBe(ownKey);
  });

  test('beside a certificate in DER', async () => {
    const fields = { certificate_file: base64(der), format: 'der', key_file: base64(privateKey) };
    const { body } = await imported(server, fields);
    expect(await storedKey(body.id)).toBe(ownKey);
  });

  test.each([
    ['before its certificate', privateKey + certificate],
    ['behind it', certificate + privateKey],
  ])('in the certificate file, %s, which is not echoed', async (_where, text) => {
    const { status, body } = await imported(server, { certificate_file: base64(text) });

    expect(status).toBe(201);
    expect(body['certificate_file']).toBe(base64(certificate));
    expect(await storedKey(body.id)).toBe(ownKey);
  });

  test('with a chain in any order, of which its own certificate becomes the first', async () => {
    const fields = { certificate_file: base64(authority + certificate), key_file: base64(privateKey) };
    const { status, body } = await imported(server, fields);
    const { body: file } = await exported(server, body.id, { format: 'pem' });

    expect(status).toBe(201);
    expect(body['common_name']).toBe('import.example');
    expect(fromBase64(String(file['certificate'])).toString()).toBe(certificate + authority);
  });

  test('not at all, in empty texts: they count as absent, as those of containers do', async () => {
    const fields = { certificate_file: base64(certificate), key_file: '', passphrase: '', snippet: '', device: '' };
    const { status, body } = await imported(server, fields);
    const { body: file } = await exported(server, body.id, { format: 'pem', passphrase: PASSPHRASE });

    expect(status).toBe(201);
    expect(fromBase64(String(file['certificate'])).toString()).toBe(certificate);
  });
});

describe('a PKCS#12 file', () => {
  test('gives certificate, chain and key', async () => {
    const file = pkcs12('-certfile', 'ca.pem', '-name', 'somebody');
    const fields = { certificate_file: base64(file), format: 'pkcs12', passphrase: PASSPHRASE };
    const { status, body } = await imported(server, fields);

    expect(status).toBe(201);
    expect(body).toMatchObject({ format: 'pkcs12', common_name: 'import.example', public_key: certificate });
    expect(body['certificate_file']).toBe(base64(certificate + authority));
    expect(await storedKey(body.id)).toBe(ownKey);
  });

  test.each([
    ['under triple DES', ['-legacy', '-certpbe', 'PBE-SHA1-3DES', '-keypbe', 'PBE-SHA1-3DES', '-macalg', 'sha1']],
    ['without a key', ['-nokeys']],
  ])('%s', async (_how, options) => {
    const fields = { certificate_file: base64(pkcs12(...options)), format: 'pkcs12', passphrase: PASSPHRASE };
    expect((await imported(server, fields)).status).toBe(201);
  });

  test('under an empty passphrase, or none', async () => {
    const file = convert('pkcs12', '-export', '-in', 'leaf.pem', '-nokeys', '-passout', 'pass:', '-out', 'out');
    for (const passphrase of ['', undefined]) {
      const fields = { certificate_file: base64(file), format: 'pkcs12', passphrase };
      expect((await imported(server, fields)).status).toBe(201);
    }
  });
});
