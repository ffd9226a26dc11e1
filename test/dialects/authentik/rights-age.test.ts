import { afterAll, beforeAll, expect, test } from 'vitest';
import { opensslPair } from '../../support/openssl.ts';
import { PAIRS, startServer, type TestServer } from '../../support/server.ts';
import { until } from '../../support/until.ts';

const VIEW = 'view_certificatekeypair';
const CHANGE = 'change_certificatekeypair';
/** How long a read may go by what was so, and what clocks differ by. */
const LIMIT_MS = 5000;
const SLACK_MS = 100;

const { certificate } = opensslPair('age.example');
let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.close());

async function makePair(): Promise<string> {
  const body = { name: crypto.randomUUID(), certificate_data: certificate };
  const created = await server.request('POST', PAIRS, body);
  return ((await created.json()) as { pk: string }).pk;
}

/** The status of a request with a token. */
async function ask(token: string, method: string, path: string, body?: object): Promise<number> {
  const response = await server.request(method, path, body, { authorization: `Bearer ${token}` });
  await response.text();
  return response.status;
}

/** Each test's token belongs to a principal that is named after its pair. */
const OF_PRINCIPAL = 'principal_id = (SELECT id FROM principals WHERE username = $1)';

/** Takes rights away behind this server's back, as another one would. */
const elsewhere = (statement: string, id: string) => server.database.query(statement, [id]);

// Beside each other: they wait.
test.concurrent.each([
  [
    'a right on one pair',
    (id: string) => [`${VIEW}@${id}`, `${CHANGE}@${id}`],
    'DELETE FROM object_grants WHERE keypair_id = $1',
  ],
  ['a right on everything', () => [VIEW, CHANGE], `UPDATE tokens SET permissions = '{}' WHERE ${OF_PRINCIPAL}`],
  ['the token itself', () => [VIEW, CHANGE], `UPDATE tokens SET revoked_at = now() WHERE ${OF_PRINCIPAL}`],
])(
  '%s that another server takes away holds for no write, and for reads no longer than five seconds',
  async (_what, grants, statement) => {
    const id = await makePair();
    const path = `${PAIRS}${id}/`;
    const token = await server.tokenWith(grants(id), { username: id });
    expect(await ask(token, 'PATCH', path, {})).toBe(200);
    expect(await ask(token, 'GET', path)).toBe(200);

    await elsewhere(statement, id);
    const taken = performance.now();
    expect(await ask(token, 'PATCH', path, {})).toBe(403);
    expect(await ask(token, 'DELETE', path)).toBe(403);
    expect(await ask(token, 'POST', PAIRS, {})).toBe(403);

    const end = taken + LIMIT_MS + SLACK_MS;
    await until(async () => (await ask(token, 'GET', path)) === 403, end - performance.now());
    process.stdout.write(`read for ${Math.round(performance.now() - taken)} ms more\n`);
  },
);

test('a right on a pair that is gone counts for nothing at once, for reads too', async () => {
  const [id, other] = [await makePair(), await makePair()];
  const token = await server.tokenWith([`${VIEW}@${id}`]);
  expect(await ask(token, 'GET', PAIRS)).toBe(200);
  expect(await ask(token, 'GET', `${PAIRS}${other}/`)).toBe(404);

  await elsewhere('DELETE FROM keypairs WHERE id = $1', id);
  expect(await ask(token, 'GET', PAIRS)).toBe(403);
  expect(await ask(token, 'GET', `${PAIRS}${other}/`)).toBe(403);
  expect(await ask(token, 'GET', `${PAIRS}not-a-uuid/`)).toBe(403);
});
