import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { opensslPair } from '../../support/openssl.ts';
import { PAIRS, startServer, type TestServer } from '../../support/server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startServer({ bodyLimit: 64 * 1024 });
});
afterAll(() => server.close());

async function count(): Promise<number> {
  const rows = await server.database.query<{ n: number }>('SELECT count(*)::int AS n FROM keypairs');
  return rows[0]?.n ?? -1;
}

async function refused(method: string, path: string, body: unknown, headers?: Record<string, string>) {
  const before = await count();
  const response = await server.request(method, path, body, headers);
  expect(await count()).toBe(before);
  return { status: response.status, body: await response.json(), headers: response.headers };
}

describe('a body over the limit', () => {
  test('is a 413 in the shape of the API, and nothing is stored', async () => {
    const answer = await refused('POST', PAIRS, { name: 'x'.repeat(70_000), certificate_data: 'x' });

    expect(answer).toMatchObject({ status: 413, body: { detail: 'Request body too large.' } });
  });

  test('is a 413 too where no length announces it', async () => {
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const sent = request(
        server.url + PAIRS,
        {
          method: 'POST',
          headers: {
            authorization: `Bearer ${server.token}`,
            'content-type': 'application/json',
            'transfer-encoding': 'chunked',
          },
        },
        (response) => {
          response.resume();
          resolve(response.statusCode);
        },
      );
      sent.on('error', reject);
      for (let chunk = 0; chunk < 10; chunk++) {
        sent.write('x'.repeat(10_000));
      }
      sent.end();
    });

    expect(status).toBe(413);
  });
});

describe('a generation that can not be', () => {
  test.each([
    ['a validity that ends before it begins', { validity_days: -2 }, 'validity_days'],
    ['a validity beyond the year 9999', { validity_days: 4_000_000 }, 'validity_days'],
    ['a validity beyond counting', { validity_days: '9'.repeat(300) }, 'validity_days'],
    ['a subject alternative name that is not ASCII', { subject_alt_name: 'bücher.example' }, 'subject_alt_name'],
    [
      'more alternative names than a certificate is read with',
      { subject_alt_name: 'a,'.repeat(20_000) },
      'subject_alt_name',
    ],
    ['a common name of more than 64 bytes', { common_name: 'é'.repeat(64) }, 'common_name'],
    ['a name over 2,048 bytes', { common_name: 'n'.repeat(2049) }, 'common_name'],
    ['an unknown algorithm', { alg: 'dsa' }, 'alg'],
  ])('for %s is a 400 that names the field', async (_what, fields, field) => {
    const answer = await refused('POST', `${PAIRS}generate/`, {
      common_name: 'refused',
      validity_days: 1,
      alg: 'ecdsa',
      ...fields,
    });

    expect(answer.status).toBe(400);
    expect(Object.keys(answer.body as object)).toEqual([field]);
  });

  test('is told at once of everything on which the original would fail', async () => {
    const answer = await refused('POST', `${PAIRS}generate/`, {
      common_name: 'é'.repeat(64),
      validity_days: -5,
      subject_alt_name: 'é',
      alg: 'ecdsa',
    });

    expect(answer.status).toBe(400);
    expect(Object.keys(answer.body as object).toSorted()).toEqual(['common_name', 'subject_alt_name', 'validity_days']);
  });

  test('is told in the words of the original alone, where the original has words', async () => {
    const answer = await refused('POST', `${PAIRS}generate/`, {
      common_name: 'n'.repeat(3000),
      validity_days: -5,
      subject_alt_name: 'é',
      alg: 'x',
    });

    expect(answer).toMatchObject({ status: 400, body: { alg: ['"x" is not a valid choice.'] } });
    expect(Object.keys(answer.body as object)).toEqual(['alg']);
  });

  test('with a list of many things for an algorithm is not echoed at length', async () => {
    const answer = await refused('POST', `${PAIRS}generate/`, { common_name: 'a', validity_days: 1, alg: Array(9000) });

    expect(answer).toMatchObject({ status: 400, body: { alg: ['"…" is not a valid choice.'] } });
  });

  test('for a taken name is refused in the words of generate', async () => {
    const wanted = { common_name: 'twice', validity_days: 1, alg: 'ecdsa' };
    expect((await server.request('POST', `${PAIRS}generate/`, wanted)).status).toBe(200);

    const answer = await refused('POST', `${PAIRS}generate/`, wanted);
    expect(answer).toMatchObject({ status: 400, body: { common_name: ['This field must be unique.'] } });
  });
});

describe('a pair that can not be', () => {
  const { certificate, privateKey } = opensslPair();

  test('is told every field’s problem at once', async () => {
    const answer = await refused('POST', PAIRS, { certificate_data: 'nonsense', key_data: 'nonsense' });

    expect(answer).toMatchObject({
      status: 400,
      body: {
        name: ['This field is required.'],
        certificate_data: ['Unable to load certificate.'],
        key_data: ['Unable to load private key (possibly encrypted?).'],
      },
    });
  });

  test('for a name over 2,048 bytes is a 400, and at 2,048 it is stored', async () => {
    const answer = await refused('POST', PAIRS, { name: `${'é'.repeat(1024)}x`, certificate_data: certificate });
    expect(answer).toMatchObject({ status: 400, body: { name: ['Ensure this field has no more than 2048 bytes.'] } });

    const fits = await server.request('POST', PAIRS, { name: 'é'.repeat(1024), certificate_data: certificate });
    expect(fits.status).toBe(201);
  });

  test('for a name over 2,048 bytes is told only what the original tells, if that is anything', async () => {
    const answer = await refused('POST', PAIRS, { name: 'n'.repeat(2049), certificate_data: 'nonsense' });

    expect(answer.status).toBe(400);
    expect(answer.body).toEqual({ certificate_data: ['Unable to load certificate.'] });
  });

  test('is refused as a whole where only a part is wrong', async () => {
    const created = await server.request('POST', PAIRS, {
      name: 'whole',
      certificate_data: certificate,
      key_data: privateKey,
    });
    const { pk } = (await created.json()) as { pk: string };

    const answer = await refused('PATCH', `${PAIRS}${pk}/`, { name: 'half', key_data: 'nonsense' });
    expect(answer.status).toBe(400);
    const shown = await server.request('GET', `${PAIRS}${pk}/`);
    expect(await shown.json()).toMatchObject({ name: 'whole', private_key_available: true });
  });

  test.each([
    ['a control character', 'a\x01b'],
    ['a line break', 'a\nb'],
  ])('named with %s is kept, but can not name a download', async (_what, name) => {
    const created = await server.request('POST', PAIRS, { name, certificate_data: certificate });
    const { pk } = (await created.json()) as { pk: string };

    expect((await server.request('GET', `${PAIRS}${pk}/view_certificate/`)).status).toBe(200);
    expect((await server.request('GET', `${PAIRS}${pk}/view_certificate/?download`)).status).toBe(400);
  });
});

const NO_ROUTES = [
  '/api/v3/crypto/certificatekeypairs',
  '/api/v3/crypto//certificatekeypairs/',
  `${PAIRS}/`,
  `${PAIRS}a.b/`,
  '/nothing/here/',
];

describe.each(NO_ROUTES)('the path %s, which is no route', (path) => {
  test.each([
    ['GET', undefined, undefined],
    ['DELETE', undefined, undefined],
    ['POST', '{"name": ', 'application/json'],
    ['PUT', 'text', 'text/plain'],
    ['PATCH', 'x'.repeat(100_000), 'application/json'],
    ['QUERY', undefined, undefined],
  ])('is a page that says so to %s, whatever is sent there', async (method, body, type) => {
    const headers = type === undefined ? {} : { 'content-type': type };
    const response = await server.request(method, path, body, headers);

    expect(response.status).toBe(404);
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(await response.text()).toContain('Not Found');
  });
});

test('a broken filter is told before anything about the id', async () => {
  for (const id of ['not-a-uuid', '00000000-0000-4000-8000-00000000dead']) {
    const answer = await refused('GET', `${PAIRS}${id}/view_certificate/?key_type=nope`, undefined);

    expect(answer.status).toBe(400);
    expect(Object.keys(answer.body as object)).toEqual(['key_type']);
  }
});
