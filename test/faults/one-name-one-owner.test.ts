import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { opensslPair } from '../support/openssl.ts';
import { PAIRS, startServer, type TestServer } from '../support/server.ts';
import { printFigures } from './support/figures.ts';

const RACERS = 12;
const TAKEN = { name: ['Certificate-Key Pair with this name already exists.'] };
const { certificate, privateKey } = opensslPair();

let servers: [TestServer, TestServer];

/** How many requests were in hand, on either server, before the first one of a race was answered. */
const met = { requests: 0, anAnswer: false };
function watch(app: FastifyInstance): void {
  app.addHook('onRequest', async () => {
    met.requests += met.anAnswer ? 0 : 1;
  });
  app.addHook('onSend', async () => {
    met.anAnswer = true;
  });
}

beforeAll(async () => {
  const first = await startServer({}, undefined, watch);
  const options = { kek: first.kek, bootstrapToken: first.token };
  servers = [first, await startServer(options, first.database, watch)];
});
afterAll(async () => {
  for (const server of servers.toReversed()) {
    await server.close();
  }
});

/** The same request from every racer at once, by turns to each of the servers on the one database. */
async function race(what: string, send: (server: TestServer, racer: number) => Promise<Response>) {
  Object.assign(met, { requests: 0, anAnswer: false });
  const answers = await Promise.all(
    Array.from({ length: RACERS }, async (_value, racer) => {
      const response = await send(servers[racer % servers.length] as TestServer, racer);
      return { status: response.status, body: (await response.json()) as Record<string, unknown> };
    }),
  );
  const won = answers.filter(({ status }) => status < 300);
  const lost = answers.filter(({ status }) => status >= 300);
  printFigures(
    `one name wanted by ${RACERS} at once (${what}): ${met.requests} collided before the first answer, ${won.length} got it, ${lost.length} refused`,
  );
  expect(met.requests).toBeGreaterThan(1);
  return { won, lost };
}

test('of many that create one name at once, on two servers, exactly one gets it', async () => {
  const { won, lost } = await race('create', (server) =>
    server.request('POST', PAIRS, { name: 'raced', certificate_data: certificate, key_data: privateKey }),
  );

  expect(won.map(({ status }) => status)).toEqual([201]);
  expect(lost).toEqual(Array.from({ length: RACERS - 1 }, () => ({ status: 400, body: TAKEN })));
});

test('of many that generate one name at once exactly one gets it', async () => {
  const { won, lost } = await race('generate', (server) =>
    server.request('POST', `${PAIRS}generate/`, { common_name: 'raced-generation', validity_days: 1, alg: 'ecdsa' }),
  );

  expect(won.map(({ status }) => status)).toEqual([200]);
  expect(lost.map(({ body }) => body)).toEqual(
    Array.from({ length: RACERS - 1 }, () => ({ common_name: ['This field must be unique.'] })),
  );
});

test('of many that rename to one name at once exactly one gets it', async () => {
  const pks = await Promise.all(
    Array.from({ length: RACERS }, async (_value, racer) => {
      const created = await servers[0].request('POST', PAIRS, {
        name: `racer-${racer}`,
        certificate_data: certificate,
      });
      return ((await created.json()) as { pk: string }).pk;
    }),
  );
  const { won, lost } = await race('rename', (server, racer) =>
    server.request('PATCH', `${PAIRS}${pks[racer]}/`, { name: 'raced-rename' }),
  );

  expect(won).toHaveLength(1);
  expect(lost).toEqual(Array.from({ length: RACERS - 1 }, () => ({ status: 400, body: TAKEN })));
});
