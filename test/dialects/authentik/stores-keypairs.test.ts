import { createPrivateKey, createPublicKey, X509Certificate } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { opensslPair } from '../../support/openssl.ts';
import { PAIRS, startServer, type TestServer } from '../../support/server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.close());

interface Shown {
  readonly pk: string;
  readonly name: string;
  readonly private_key_available: boolean;
  readonly key_type: string | null;
  readonly private_key_type: string | null;
  readonly cert_subject: string;
}

async function create(body: object): Promise<Shown> {
  const response = await server.request('POST', PAIRS, body);
  expect(response.status).toBe(201);
  return (await response.json()) as Shown;
}

async function view(pk: string, what: 'certificate' | 'private_key'): Promise<string> {
  const response = await server.request('GET', `${PAIRS}${pk}/view_${what}/?download`);
  expect(response.status).toBe(200);
  return response.text();
}

describe('a stored pair', () => {
  const { certificate, privateKey } = opensslPair();

  test('comes back byte for byte, blanks at its ends aside', async () => {
    const oddly = `about this certificate:\r\n${certificate.replaceAll('\n', '\r\n')}\t# the end`;
    const { pk } = await create({ name: 'bytes', certificate_data: `\n\n${oddly} \n`, key_data: `${privateKey}\n\n` });

    expect(await view(pk, 'certificate')).toBe(oddly);
    expect(await view(pk, 'private_key')).toBe(privateKey.trim());
  });

  test.each([
    ['plain', 'attachment; filename="plain_certificate.pem"'],
    ['Größe', 'attachment; filename="Größe_certificate.pem"'],
    ['日本', '=?utf-8?b?YXR0YWNobWVudDsgZmlsZW5hbWU9IuaXpeacrF9jZXJ0aWZpY2F0ZS5wZW0i?='],
  ])('named %s is downloaded under that name, in Latin-1 where that suffices', async (name, disposition) => {
    const { pk } = await create({ name, certificate_data: certificate });
    const response = await server.request('GET', `${PAIRS}${pk}/view_certificate/?download`);

    expect(response.headers.get('content-disposition')).toBe(disposition);
  });

  test('is shown whole in JSON too, carriage returns included', async () => {
    const windows = certificate.trim().replaceAll('\n', '\r\n');
    const { pk } = await create({ name: 'windows', certificate_data: windows, key_data: privateKey });

    const shown = await server.request('GET', `${PAIRS}${pk}/view_certificate/`);
    expect(await shown.text()).toBe(JSON.stringify({ data: windows }));
  });

  test('may have a public key that is none, of which there is no type', async () => {
    const sound = new X509Certificate(certificate);
    const der = Buffer.from(sound.raw);
    const spki = sound.publicKey.export({ type: 'spki', format: 'der' });
    // The last byte of the point, which is then no longer on its curve.
    const last = der.indexOf(spki) + spki.length - 1;
    der.writeUInt8(der.readUInt8(last) ^ 1, last);
    const pem = `-----BEGIN CERTIFICATE-----\n${der.toString('base64')}\n-----END CERTIFICATE-----`;

    expect(await create({ name: 'off its curve', certificate_data: pem })).toMatchObject({ key_type: null });
  });

  test('has its members in the order of 2026, with the one of 2024 behind', async () => {
    expect(Object.keys(await create({ name: 'members', certificate_data: certificate }))).toEqual([
      'pk',
      'name',
      'fingerprint_sha256',
      'fingerprint_sha1',
      'cert_expiry',
      'cert_subject',
      'private_key_available',
      'key_type',
      'private_key_type',
      'certificate_download_url',
      'private_key_download_url',
      'managed',
    ]);
  });

  test('shows no details where 2024 asks for none, also as the answer to a write', async () => {
    const without = { cert_subject: null, cert_expiry: null, fingerprint_sha256: null, private_key_type: null };
    const body = { name: 'without details', certificate_data: certificate, key_data: privateKey };
    const created = await server.request('POST', `${PAIRS}?include_details=false`, body);
    const pair = (await created.json()) as Shown;
    expect(pair).toMatchObject(without);
    for (const [method, change] of [
      ['GET', undefined],
      ['PATCH', {}],
      ['PUT', body],
    ] as const) {
      const answer = await server.request(method, `${PAIRS}${pair.pk}/?include_details=no`, change);
      expect(await answer.json()).toMatchObject({ ...without, key_type: 'ec' });
    }
  });

  test.each(['download', 'download=', 'download=false'])(
    'is downloaded as plain PEM where %s is asked for',
    async (query) => {
      const { pk } = await create({ name: `file ${query}`, certificate_data: certificate });
      const file = await server.request('GET', `${PAIRS}${pk}/view_certificate/?${query}`);

      expect(file.headers.get('content-type')).toBe('application/x-pem-file');
      expect(await file.text()).toBe(certificate.trim());
    },
  );

  test('is described by the certificate, and its key by the key', async () => {
    const other = opensslPair('ed25519.example', ['-newkey', 'ed25519']);
    const pair = await create({ name: 'mismatch', certificate_data: certificate, key_data: other.privateKey });

    expect(pair).toMatchObject({
      key_type: 'ec',
      private_key_type: 'ed25519',
      cert_subject: 'CN=openssl.example',
    });
    const rows = await server.database.query(
      'SELECT public_key_digest = private_key_digest AS matches FROM keypairs WHERE id = $1',
      [pair.pk],
    );
    expect(rows).toEqual([{ matches: false }]);
  });

  test('keeps its key through a PUT that does not mention it, and loses it to a blank one', async () => {
    const { pk } = await create({ name: 'put', certificate_data: certificate, key_data: privateKey });

    const kept = await server.request('PUT', `${PAIRS}${pk}/`, { name: 'put-2', certificate_data: certificate });
    expect(await kept.json()).toMatchObject({ name: 'put-2', private_key_available: true });
    expect(await view(pk, 'private_key')).toBe(privateKey.trim());

    const removed = await server.request('PUT', `${PAIRS}${pk}/`, {
      name: 'put-2',
      certificate_data: certificate,
      key_data: '',
    });
    expect(await removed.json()).toMatchObject({ private_key_available: false, private_key_type: null });
    expect(await view(pk, 'private_key')).toBe('');
    expect(await server.database.query('SELECT 1 FROM sealed_secrets WHERE keypair_id = $1', [pk])).toEqual([]);
  });

  test('keeps the fact whether certificate and key belong together true through every change', async () => {
    const other = opensslPair('renewed.example');
    const { pk } = await create({ name: 'belong', certificate_data: certificate, key_data: privateKey });
    const matches = async () =>
      (
        await server.database.query('SELECT public_key_digest = private_key_digest AS m FROM keypairs WHERE id = $1', [
          pk,
        ])
      )[0]?.['m'];
    expect(await matches()).toBe(true);

    await server.request('PATCH', `${PAIRS}${pk}/`, { certificate_data: other.certificate });
    expect(await matches()).toBe(false);
    await server.request('PATCH', `${PAIRS}${pk}/`, { key_data: other.privateKey });
    expect(await matches()).toBe(true);
    await server.request('PATCH', `${PAIRS}${pk}/`, { key_data: '' });
    expect(await matches()).toBe(null);
  });

  test('names who stored it and who changed it last', async () => {
    const { pk } = await create({ name: 'whose', certificate_data: certificate });
    const rows = await server.database.query(
      'SELECT p.username FROM keypairs k JOIN principals p ON p.id = k.created_by AND p.id = k.updated_by WHERE k.id = $1',
      [pk],
    );

    expect(rows).toEqual([{ username: 'bootstrap' }]);
  });

  test('is gone with its sealed key after a DELETE', async () => {
    const { pk } = await create({ name: 'gone', certificate_data: certificate, key_data: privateKey });

    const deleted = await server.request('DELETE', `${PAIRS}${pk}/`);
    expect(deleted.status).toBe(204);
    expect(await deleted.text()).toBe('');
    expect((await server.request('GET', `${PAIRS}${pk}/`)).status).toBe(404);
    expect(await server.database.query('SELECT 1 FROM sealed_secrets WHERE keypair_id = $1', [pk])).toEqual([]);
  });
});

describe('a generated pair', () => {
  test.each([
    ['rsa', 'RSA PRIVATE KEY', 'rsa'],
    ['ecdsa', 'EC PRIVATE KEY', 'ec'],
    ['ed25519', 'PRIVATE KEY', 'ed25519'],
    ['ed448', 'PRIVATE KEY', 'ed448'],
  ])('of %s has a key in authentik’s format that signed the certificate', async (alg, label, type) => {
    const response = await server.request('POST', `${PAIRS}generate/`, {
      common_name: `made-${alg}`,
      validity_days: 30,
      alg,
    });
    expect(response.status).toBe(200);
    const pair = (await response.json()) as Shown;
    expect(pair).toMatchObject({
      name: `made-${alg}`,
      key_type: type,
      private_key_type: type,
      private_key_available: true,
    });

    const key = await view(pair.pk, 'private_key');
    expect(key.startsWith(`-----BEGIN ${label}-----\n`)).toBe(true);
    expect(key.endsWith('\n')).toBe(true);
    const certificate = new X509Certificate(await view(pair.pk, 'certificate'));
    expect(certificate.verify(createPublicKey(createPrivateKey(key)))).toBe(true);
    expect(certificate.issuer).toBe('CN=Certkeep 0.0.0-test');
  });

  test('names its alternatives as they were written, blanks and repetitions included', async () => {
    const response = await server.request('POST', `${PAIRS}generate/`, {
      common_name: 'alternatives',
      subject_alt_name: 'a.example, b.example,a.example,, 10.0.0.1',
      validity_days: 1,
      alg: 'ecdsa',
    });
    const { pk } = (await response.json()) as Shown;

    expect(new X509Certificate(await view(pk, 'certificate')).subjectAltName).toBe(
      'DNS:a.example, DNS: b.example, DNS:a.example, DNS: 10.0.0.1',
    );
  });

  test('takes its name whole and its common name from the first 64 characters', async () => {
    const name = `long-${'x'.repeat(95)}`;
    const response = await server.request('POST', `${PAIRS}generate/`, {
      common_name: name,
      validity_days: 1,
      alg: 'ecdsa',
    });
    const pair = (await response.json()) as Shown;

    expect(pair.name).toBe(name);
    expect(pair.cert_subject).toBe(`OU=Self-signed,O=authentik,CN=${name.slice(0, 64)}`);
  });
});
