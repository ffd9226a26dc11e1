import { createPrivateKey } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { opensslPair } from '../support/openssl.ts';
import { PAIRS, startServer, type TestServer } from '../support/server.ts';
import { printFigures } from './support/figures.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.close());

/** Every column of every table, as text (bytes in hexadecimal as the database writes them), and how much that is. */
async function dump() {
  const tables = await server.database.query<{ name: string }>(
    "SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE'",
  );
  const rows = await Promise.all(
    tables.map(({ name }) => server.database.query<{ row: string }>(`SELECT t::text AS row FROM "${name}" t`)),
  );
  expect(tables.length).toBeGreaterThan(4);
  const columns = await server.database.query(
    'SELECT 1 FROM information_schema.columns WHERE table_schema = $1 AND table_name = ANY ($2)',
    ['public', tables.map(({ name }) => name)],
  );
  const lines = rows.flat().map(({ row }) => row);
  return { text: lines.join('\n'), rows: lines.length, columns: columns.length };
}

/** Forms in which a key could stand in the database: its base64 with and without line breaks, and its bytes. */
function traces(pem: string): string[] {
  const base64 = pem.replaceAll(/-----[^-]+-----|\s/g, '');
  const der = createPrivateKey(pem).export({ format: 'der', type: 'pkcs8' }).toString('hex');
  const raw = Buffer.from(base64, 'base64').toString('hex');
  const lines = pem.split('\n').filter((line) => line.length > 40 && !line.startsWith('-----'));
  return [...lines, base64.slice(10, 60), der.slice(40, 100), raw.slice(40, 100)];
}

test('a dump of the database holds no private key, however it came in', async () => {
  const algorithms = [
    ['-newkey', 'rsa:2048'],
    ['-newkey', 'ed25519'],
    ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-384'],
  ];
  const pairs = algorithms.map((algorithm, index) => opensslPair(`dump-${index}.example`, algorithm));
  const secrets: string[] = [];
  for (const [index, { certificate, privateKey }] of pairs.entries()) {
    const mislabelled = privateKey.replaceAll('PRIVATE KEY', 'CERTIFICATE');
    for (const [how, body] of Object.entries({
      'as the key': { certificate_data: certificate, key_data: privateKey },
      'after the certificate': { certificate_data: certificate + privateKey },
      'before the certificate': { certificate_data: privateKey + certificate },
      'under another label': { certificate_data: certificate + mislabelled },
    })) {
      const created = await server.request('POST', PAIRS, { name: `${index} ${how}`, ...body });
      expect(created.status).toBe(201);
      const { pk } = (await created.json()) as { pk: string };
      const patched = await server.request('PATCH', `${PAIRS}${pk}/`, { certificate_data: certificate + privateKey });
      expect(patched.status).toBe(200);
      const viewed = await server.request('GET', `${PAIRS}${pk}/view_certificate/?download`);
      expect(await viewed.text()).toBe((certificate + privateKey).trim());
    }
    secrets.push(...traces(privateKey));
  }
  const generated = await server.request('POST', `${PAIRS}generate/`, {
    common_name: 'generated',
    validity_days: 1,
    alg: 'ecdsa',
  });
  const { pk } = (await generated.json()) as { pk: string };
  secrets.push(...traces(await (await server.request('GET', `${PAIRS}${pk}/view_private_key/?download`)).text()));

  const { text, rows, columns } = await dump();
  const found = secrets.filter((secret) => text.includes(secret));
  printFigures(
    `private keys in clear: ${columns} columns and ${rows} rows searched for ${secrets.length} traces, ${found.length} found`,
  );
  expect(columns).toBeGreaterThan(0);
  expect(text).toContain('CN=dump-0.example');
  expect(secrets.length).toBeGreaterThan(20);
  expect(found).toEqual([]);
  expect(text).not.toMatch(/PRIVATE KEY/);
  expect(text).not.toContain(server.token);
  expect(text).not.toContain(server.kek);
});

test('the search for keys would find one that stood in clear', async () => {
  const { certificate, privateKey } = opensslPair('canary.example');
  await server.request('POST', PAIRS, { name: 'canary', certificate_data: certificate });
  await server.database.query("UPDATE keypairs SET certificate_data = $1 WHERE name = 'canary'", [privateKey]);

  const { text } = await dump();
  const sought = traces(privateKey);
  const hits = sought.filter((trace) => text.includes(trace)).length;
  printFigures(`a private key put in clear as a control: ${hits} of ${sought.length} traces found`);
  expect(hits).toBeGreaterThan(0);
  await server.database.query("DELETE FROM keypairs WHERE name = 'canary'");
});
