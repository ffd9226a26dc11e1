import type { ServerResponse } from 'node:http';
import { Client } from 'pg';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { foldCase } from '../../src/keypairs/name.ts';
import { opensslPair } from '../support/openssl.ts';
import { PAIRS, startServer, type TestServer } from '../support/server.ts';
import { until } from '../support/until.ts';
import { inMs, printFigures } from './support/figures.ts';

const CONNECTIONS = 10;
const SEARCHES = 12;
const DATABASE_TIMEOUT_MS = 3000;
/** A read that finds no connection waits for longer, until the first search is ended. */
const LONGEST_READ_MS = DATABASE_TIMEOUT_MS / 2;

/** A text that is compared with a long name from each of its characters anew, almost to the end. */
const COSTLY = `${'a'.repeat(1000)}b`;

let server: TestServer;
let pk: string;
beforeAll(async () => {
  server = await startServer({ databasePoolSize: CONNECTIONS, databaseTimeoutMs: DATABASE_TIMEOUT_MS });
  const created = await server.request('POST', PAIRS, {
    name: 'template',
    certificate_data: opensslPair().certificate,
  });
  ({ pk } = (await created.json()) as { pk: string });
  await server.database.query(
    `INSERT INTO keypairs SELECT (jsonb_populate_record(keypairs,
       jsonb_build_object('id', gen_random_uuid(), 'name', stored.name, 'name_folded', lpad(number::text, 2000, $1)))).*
     FROM keypairs, (SELECT number, lpad(number::text, 2000, 'a') AS name FROM generate_series(1, 1000) number) stored`,
    [foldCase('a')],
  );
});
afterAll(() => server.close());

async function searchesThatRun(): Promise<number> {
  const [row] = await server.database.query<{ count: number }>(
    `SELECT count(*)::int AS count FROM pg_stat_activity
     WHERE datname = current_database() AND state = 'active' AND query LIKE '%name_folded LIKE ALL%' AND pid <> pg_backend_pid()`,
  );
  return row?.count ?? 0;
}

test('searches that take long, more than there are connections, do not keep another client’s reads waiting', async () => {
  let left = SEARCHES;
  const begin = performance.now();
  const searches = Array.from({ length: SEARCHES }, async () => {
    const response = await server.request('GET', `${PAIRS}?search=${COSTLY}`);
    await response.arrayBuffer();
    left--;
    return response.status;
  });
  await until(async () => (await searchesThatRun()) >= CONNECTIONS / 2);

  let mostAtOnce = 0;
  const reads: { status: number; duration: number }[] = [];
  while (left > 0) {
    for (const path of [`${PAIRS}${pk}/`, PAIRS]) {
      const asked = performance.now();
      const response = await server.request('GET', path);
      await response.arrayBuffer();
      reads.push({ status: response.status, duration: performance.now() - asked });
    }
    mostAtOnce = Math.max(mostAtOnce, await searchesThatRun());
  }
  const ended = performance.now() - begin;

  const statuses = (await Promise.all(searches)).toSorted();
  const durations = reads.map(({ duration }) => duration).toSorted((one, other) => one - other);
  const [p99 = Number.NaN, longest = Number.NaN] = [durations[Math.floor(durations.length * 0.99)], durations.at(-1)];
  printFigures(
    `searches that take long: ${SEARCHES} times, ${mostAtOnce} at once, answered ${statuses.join(' ')} within ${inMs(ended)}; ` +
      `beside them ${reads.length} reads, p99 ${inMs(p99)}, longest ${inMs(longest)} (bound ${LONGEST_READ_MS} ms)`,
  );
  expect(reads.filter(({ status }) => status !== 200)).toEqual([]);
  expect(longest).toBeLessThan(LONGEST_READ_MS);
  expect(statuses.filter((status) => status !== 200 && status !== 503)).toEqual([]);
  // The turn, the connection and the statement may each take the configured time.
  expect(ended).toBeLessThan(3 * DATABASE_TIMEOUT_MS);
  const next = await server.request('GET', `${PAIRS}?search=template`);
  expect(await next.json()).toMatchObject({ pagination: { count: 1 } });
});

test('a search whose client leaves before its turn gives up its place', async () => {
  const responses: ServerResponse[] = [];
  const narrow = await startServer({ databasePoolSize: 2, databaseTimeoutMs: 60_000 }, undefined, (app) => {
    app.server.on('request', (_request, response) => responses.push(response));
  });
  onTestFinished(() => narrow.close());
  const other = new Client({ connectionString: narrow.database.url });
  await other.connect();
  await other.query('BEGIN; LOCK TABLE keypairs IN ACCESS EXCLUSIVE MODE');
  const search = (signal?: AbortSignal) =>
    fetch(`${narrow.url}${PAIRS}?search=x`, {
      headers: { authorization: `Bearer ${narrow.token}` },
      ...(signal === undefined ? {} : { signal }),
    });
  const first = search();
  const waitingForLock = `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`;
  await until(async () => (await narrow.database.query(waitingForLock)).length === 1);

  const leaving = new AbortController();
  const left = search(leaving.signal).catch(() => 'left');
  await until(() => responses.length === 2);
  leaving.abort();
  expect(await left).toBe('left');
  // nginx's number for it, which stands in the log alone.
  await until(() => responses[1]?.statusCode === 499);
  await other.end();
  expect((await first).status).toBe(200);
});
