import { afterAll, beforeAll, expect, test } from 'vitest';
import { opensslPair } from '../support/openssl.ts';
import { PAIRS, startServer, type TestServer } from '../support/server.ts';
import { attribute, certificate, hex, name, OID, pem, rdn, text, tlv } from '../x509/support/der.ts';

const HASH = /^[0-9a-f]{8}$/;

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.close());

function withExtension(name: string, extension: string): string {
  return opensslPair(name, ['-newkey', 'ed25519', '-addext', extension]).certificate;
}

test('a path length beyond the database’s integers is stored as the largest', async () => {
  const certificate_data = withExtension('deep', 'basicConstraints=critical,CA:TRUE,pathlen:2147483648');
  const created = await server.request('POST', PAIRS, { name: 'deep', certificate_data });

  expect(created.status).toBe(201);
  const rows = await server.database.query("SELECT path_length FROM keypairs WHERE name = 'deep'");
  expect(rows).toEqual([{ path_length: 2 ** 31 - 1 }]);
});

test('a null character in an alternative name is stored escaped, and a backslash as two', async () => {
  const san = 'subjectAltName=DER:30:0b:82:09:61:00:62:5c:30:2e:63:6f:6d';
  const created = await server.request('POST', PAIRS, { name: 'nul', certificate_data: withExtension('nul', san) });

  expect(created.status).toBe(201);
  const rows = await server.database.query("SELECT subject_alt_names->'dns' AS dns FROM keypairs WHERE name = 'nul'");
  expect(rows).toEqual([{ dns: ['a\\0b\\\\0.com'] }]);
});

test.each<[string, Buffer, Record<string, string | null>]>([
  [
    'null characters and backslashes',
    text(0x0c, 'a\0b\\c'),
    { common_name: 'a\\0b\\\\c', subject_one_line: '/CN=a\\x00b\\c' },
  ],
  ['a surrogate pair', tlv(0x1e, hex('d8 3d de 00')), { common_name: '\u{1f600}', subject_hash: null }],
  ['a type that OpenSSL refuses', text(0x1a, 'a'), { common_name: null, subject_one_line: null, subject_hash: null }],
])('a common name of %s is stored, in each of its forms or without it', async (kind, value, columns) => {
  const subject = name(rdn(attribute(OID.commonName, value)));
  const certificate_data = pem('CERTIFICATE', certificate({ subject }));
  const created = await server.request('POST', PAIRS, { name: kind, certificate_data });

  expect(created.status).toBe(201);
  const [row] = await server.database.query(
    'SELECT common_name, subject_one_line, subject_hash, issuer_one_line, issuer_hash FROM keypairs WHERE name = $1',
    [kind],
  );
  expect(row).toMatchObject({ ...columns, issuer_one_line: '/CN=issuer', issuer_hash: expect.stringMatching(HASH) });
});

test('a subject that no list could show is refused', async () => {
  const units = Array.from({ length: 400 }, () => `/OU=${'x'.repeat(60)}`).join('');
  const certificate_data = opensslPair(`long${units}`, ['-newkey', 'ed25519']).certificate;
  const refused = await server.request('POST', PAIRS, { name: 'long', certificate_data });

  expect(refused.status).toBe(400);
  expect(await refused.json()).toEqual({
    certificate_data: ['Ensure this field has no more than 16384 characters in a distinguished name.'],
  });
});

test('pages of equal sort keys show every pair once', async () => {
  const { certificate } = opensslPair('same.example');
  const names = Array.from({ length: 9 }, (_value, index) => `same-${index}`);
  for (const name of names) {
    await server.request('POST', PAIRS, { name, certificate_data: certificate });
  }
  const seen: string[] = [];
  for (const page of [1, 2, 3, 4, 5]) {
    const query = `search=same&ordering=cert_subject&page_size=2&page=${page}`;
    const list = (await (await server.request('GET', `${PAIRS}?${query}`)).json()) as { results: { name: string }[] };
    seen.push(...list.results.map(({ name }) => name));
  }

  expect(seen.toSorted()).toEqual(names);
});

test('a search of many terms finds what holds them all', async () => {
  const { certificate } = opensslPair('terms.example');
  await server.request('POST', PAIRS, { name: 'one two three', certificate_data: certificate });
  const count = async (search: string) => {
    const list = await server.request('GET', `${PAIRS}?search=${encodeURIComponent(search)}`);
    return ((await list.json()) as { pagination: { count: number } }).pagination.count;
  };

  expect(await count('three one,TWO')).toBe(1);
  expect(await count('three four')).toBe(0);
});
