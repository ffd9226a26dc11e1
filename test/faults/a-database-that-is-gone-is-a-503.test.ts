import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startEmbeddedPostgres } from '../../src/database/index.ts';
import { PAIRS, startServer, type TestServer } from '../support/server.ts';
import { until } from '../support/until.ts';
import { printFigures } from './support/figures.ts';

const log = { info() {}, warn() {}, error() {} };
let dataDirectory: string;
let postgres: Awaited<ReturnType<typeof startEmbeddedPostgres>>;
let server: TestServer;

beforeAll(async () => {
  dataDirectory = await mkdtemp(join(tmpdir(), 'certkeep-fault-'));
  await chmod(dataDirectory, 0o755);
  postgres = await startEmbeddedPostgres({ dataDirectory, log });
  const database = { url: postgres.url, query: async () => [], drop: async () => {} };
  server = await startServer({ databaseTimeoutMs: 1000 }, database);
});

afterAll(async () => {
  await server.close();
  await postgres.stop();
  await rm(dataDirectory, { recursive: true, force: true });
});

test('without its database the server answers 503 with Retry-After, and serves again without a restart', async () => {
  const stored = await server.request('POST', `${PAIRS}generate/`, {
    common_name: 'before',
    validity_days: 1,
    alg: 'ecdsa',
  });
  expect(stored.status).toBe(200);
  const { pk } = (await stored.json()) as { pk: string };

  await postgres.stop();
  let refused = 0;
  for (const [method, path, body] of [
    ['GET', PAIRS, undefined],
    ['GET', `${PAIRS}${pk}/`, undefined],
    ['GET', `${PAIRS}${pk}/view_private_key/`, undefined],
    ['PATCH', `${PAIRS}${pk}/`, { name: 'during' }],
    ['DELETE', `${PAIRS}${pk}/`, undefined],
    ['POST', `${PAIRS}generate/`, { common_name: 'during', validity_days: 1, alg: 'ecdsa' }],
  ] as const) {
    const response = await server.request(method, path, body);
    expect(response.status).toBe(503);
    expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(await response.json()).toEqual({ detail: 'The database is unavailable. Try again later.' });
    refused++;
  }
  expect((await fetch(`${server.url}/-/health/ready/`)).status).toBe(503);
  expect((await fetch(`${server.url}/-/health/live/`)).status).toBe(200);

  postgres = await startEmbeddedPostgres({ dataDirectory, log });
  await until(async () => (await fetch(`${server.url}/-/health/ready/`)).status === 200);
  const list = (await (await server.request('GET', PAIRS)).json()) as { results: { name: string }[] };
  expect(list.results.map(({ name }) => name)).toEqual(['before']);
  printFigures(`database gone: ${refused} requests met it, each answered 503; served again afterwards`);
  expect(refused).toBeGreaterThan(0);
});
