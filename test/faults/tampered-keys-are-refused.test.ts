import { afterAll, beforeAll, expect, test } from 'vitest';
import { opensslPair } from '../support/openssl.ts';
import { PAIRS, startServer, type TestServer } from '../support/server.ts';
import { printFigures } from './support/figures.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
  server.foreseeMistakes();
});
afterAll(() => server.close());

async function create(name: string): Promise<{ pk: string; privateKey: string }> {
  const { certificate, privateKey } = opensslPair(`${name}.example`);
  const created = await server.request('POST', PAIRS, { name, certificate_data: certificate, key_data: privateKey });
  return { pk: ((await created.json()) as { pk: string }).pk, privateKey };
}

async function viewKey(pk: string) {
  const response = await server.request('GET', `${PAIRS}${pk}/view_private_key/`);
  return { status: response.status, body: (await response.json()) as Record<string, string> };
}

const COLUMNS = 'format_version, kek_id, wrap_nonce, wrapped_key, nonce, ciphertext, tag';
const BROKEN = { status: 500, body: { detail: 'The stored text of this pair can not be opened. The log says why.' } };

/** Changes the rows of sealed keys, and prints of how many it did. */
async function tamper(how: string, statement: string, values: readonly unknown[]): Promise<void> {
  const rows = await server.database.query(`${statement} RETURNING keypair_id`, [...values]);
  printFigures(`sealed key ${how}: ${rows.length} tampered with`);
  expect(rows.length).toBeGreaterThan(0);
}

test('a sealed key that was moved to another row is refused, and every other pair keeps working', async () => {
  const [from, to, other] = [await create('from'), await create('to'), await create('other')];
  await tamper(
    'moved to another row',
    `UPDATE sealed_secrets SET (${COLUMNS}) = (SELECT ${COLUMNS} FROM sealed_secrets WHERE keypair_id = $1) WHERE keypair_id = $2`,
    [from.pk, to.pk],
  );

  expect(await viewKey(to.pk)).toEqual(BROKEN);
  expect(await viewKey(other.pk)).toEqual({ status: 200, body: { data: other.privateKey.trim() } });
  expect((await server.request('GET', `${PAIRS}${to.pk}/`)).status).toBe(200);
});

test('an earlier revision of a sealed key that was put back is refused, with its own revision number too', async () => {
  const { pk } = await create('old');
  const saved = await server.database.query('SELECT * FROM sealed_secrets WHERE keypair_id = $1', [pk]);
  await server.request('PATCH', `${PAIRS}${pk}/`, { key_data: opensslPair().privateKey });
  const row = saved[0] as Record<string, unknown>;
  await tamper(
    'put back',
    `UPDATE sealed_secrets SET (revision, ${COLUMNS}) = ($2, $3, $4, $5, $6, $7, $8, $9) WHERE keypair_id = $1`,
    [pk, row['revision'], ...COLUMNS.split(', ').map((column) => row[column])],
  );

  expect(await viewKey(pk)).toEqual(BROKEN);
});

test('a sealed key that was removed is missed', async () => {
  const { pk } = await create('removed');
  await tamper('removed', 'DELETE FROM sealed_secrets WHERE keypair_id = $1', [pk]);

  expect(await viewKey(pk)).toEqual(BROKEN);
});

test('a flipped bit is refused', async () => {
  const { pk } = await create('flipped');
  await tamper(
    'with a flipped bit',
    'UPDATE sealed_secrets SET ciphertext = set_bit(ciphertext, 5, 1 - get_bit(ciphertext, 5)) WHERE keypair_id = $1',
    [pk],
  );

  expect(await viewKey(pk)).toEqual(BROKEN);
});

test('a pair whose key was tampered with can be given a new one', async () => {
  const { pk } = await create('mended');
  await tamper(
    'with another tag',
    'UPDATE sealed_secrets SET tag = set_bit(tag, 0, 1 - get_bit(tag, 0)) WHERE keypair_id = $1',
    [pk],
  );
  expect(await viewKey(pk)).toEqual(BROKEN);

  const { privateKey } = opensslPair();
  expect((await server.request('PATCH', `${PAIRS}${pk}/`, { key_data: privateKey })).status).toBe(200);
  expect(await viewKey(pk)).toEqual({ status: 200, body: { data: privateKey.trim() } });
});
