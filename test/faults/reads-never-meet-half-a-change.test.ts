import { afterAll, beforeAll, expect, test } from 'vitest';
import { opensslPair } from '../support/openssl.ts';
import { PAIRS, startServer, type TestServer } from '../support/server.ts';
import { printFigures } from './support/figures.ts';

const CHANGES = 60;
const READERS = 3;

let server: TestServer;
let inHand = 0;
let mostInHand = 0;
beforeAll(async () => {
  server = await startServer({}, undefined, (app) => {
    app.addHook('onRequest', async () => {
      inHand++;
      mostInHand = Math.max(mostInHand, inHand);
    });
    app.addHook('onResponse', async () => {
      inHand--;
    });
  });
});
afterAll(() => server.close());

async function create(name: string, certificate: string, privateKey = ''): Promise<string> {
  const body = { name, certificate_data: certificate, key_data: privateKey };
  const created = await server.request('POST', PAIRS, body);
  return ((await created.json()) as { pk: string }).pk;
}

test('a key that is read while it is replaced is always one of those that were stored', async () => {
  const pairs = [opensslPair('one.example'), opensslPair('other.example')] as const;
  const pk = await create('replaced', pairs[0].certificate, pairs[0].privateKey);
  const stored = new Set<string>([...pairs.map(({ privateKey }) => privateKey.trim()), '']);

  let changing = true;
  let changesMade = 0;
  const readers = Array.from({ length: READERS }, async () => {
    const answers: { status: number; isStored: boolean; metChange: boolean }[] = [];
    while (changing) {
      const before = changesMade;
      const response = await server.request('GET', `${PAIRS}${pk}/view_private_key/?download`);
      const text = await response.text();
      answers.push({ status: response.status, isStored: stored.has(text), metChange: changesMade !== before });
    }
    return answers;
  });
  for (let change = 0; change < CHANGES; change++) {
    const key_data = change % 3 === 2 ? '' : (pairs[change % 2]?.privateKey ?? '');
    expect((await server.request('PATCH', `${PAIRS}${pk}/`, { key_data })).status).toBe(200);
    changesMade++;
  }
  changing = false;

  const answers = (await Promise.all(readers)).flat();
  const metChange = answers.filter((answer) => answer.metChange).length;
  expect(metChange).toBeGreaterThan(0);
  expect(answers.length).toBeGreaterThan(CHANGES);
  expect(answers.filter(({ status, isStored }) => status !== 200 || !isStored)).toEqual([]);
  printFigures(
    `key read while it is replaced: ${metChange} of ${answers.length} reads met one of ${changesMade} changes; none saw half of one`,
  );
});

test('changes of one pair by many at once are all made, one after the other', async () => {
  const { certificate, privateKey } = opensslPair();
  const pk = await create('changed by many', certificate, privateKey);
  const changes = Array.from({ length: 12 }, (_value, index) =>
    index % 2 === 0 ? { key_data: privateKey } : { certificate_data: `${certificate}# ${index}\n` },
  );

  mostInHand = 0;
  const answers = await Promise.all(changes.map((body) => server.request('PATCH', `${PAIRS}${pk}/`, body)));
  const concurrent = mostInHand;
  expect(answers.map(({ status }) => status)).toEqual(changes.map(() => 200));
  const rows = await server.database.query('SELECT revision FROM keypairs WHERE id = $1', [pk]);
  expect(rows).toEqual([{ revision: 1 + changes.length }]);
  const key = await server.request('GET', `${PAIRS}${pk}/view_private_key/?download`);
  expect(await key.text()).toBe(privateKey.trim());
  printFigures(`changes of one pair by many: ${concurrent} of ${changes.length} in hand at once, all made`);
  expect(concurrent).toBeGreaterThan(1);
});
