import { randomBytes, randomUUID } from 'node:crypto';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { PAIRS, startServer, type TestServer } from '../support/server.ts';

let database: TestDatabase;
let server: TestServer;
beforeEach(async () => {
  database = await createDatabase();
  server = await startServer({}, database);
});
afterEach(async () => {
  await server.close();
  await database.drop();
});

const KEY = `${PAIRS}${randomUUID()}/view_private_key/`;

const get = (path: string, headers: Record<string, string> = {}) => fetch(server.url + path, { headers });

const eventsOf = (action: string) =>
  database.query<{ context: string; client_address: string }>(
    'SELECT context, client_address FROM events WHERE action = $1 ORDER BY created_at, id',
    [action],
  );

test('of a flood of attempts on keys sixty are told one by one, and the rest in one event that the end of the server does not lose', async () => {
  const answers = await Promise.all(Array.from({ length: 150 }, () => get(KEY)));
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([403]));
  expect(await eventsOf('suspicious_request')).toHaveLength(60);

  await server.close();
  const events = (await eventsOf('suspicious_request')).map(({ context }) => JSON.parse(context) as { count?: number });
  expect(events.filter(({ count }) => count === undefined)).toHaveLength(60);
  expect(events.filter(({ count }) => count !== undefined)).toEqual([
    { message: expect.any(String), count: 90, window_seconds: 60 },
  ]);
  server = await startServer({ kek: server.kek }, database);
});

test('tokens that are not let in are counted together, whatever token was tried and where', async () => {
  const paths = [PAIRS, KEY, '/api/v3/root/config/', '/api/v3/events/events/'];
  for (let tried = 0; tried < 23; tried++) {
    const authorization = `Bearer ${randomBytes(16).toString('hex')}`;
    expect((await get(paths[tried % paths.length] as string, { authorization })).status).toBe(403);
  }
  // Nobody tried a token here.
  await get(PAIRS);

  const events = await eventsOf('login_failed');
  expect(events.map(({ context }) => (JSON.parse(context) as { count: number }).count)).toEqual([5, 10, 20]);
  expect(new Set(events.map((event) => event.client_address))).toEqual(new Set(['127.0.0.1']));
});

test('neither events nor the log hold a token that was tried, nor a part of it', async () => {
  const secret = randomBytes(24).toString('hex');
  for (let tried = 0; tried < 5; tried++) {
    await get(KEY, { authorization: `Bearer certkeep_${secret}` });
  }
  await server.request('GET', `${PAIRS}nope/view_private_key/`, undefined, { authorization: `Bearer ${secret}` });

  const rows = await database.query<{ row: string }>('SELECT e::text AS row FROM events e');
  const told = JSON.stringify([rows, server.log()]);
  expect(rows.length).toBeGreaterThan(5);
  for (let at = 0; at + 8 <= secret.length; at++) {
    expect(told).not.toContain(secret.slice(at, at + 8));
  }
});

test('a refusal is sent although its event can’t be written, and the log says so', async () => {
  await database.query('ALTER TABLE events RENAME TO events_gone');
  const refused = await get(KEY);

  expect(refused.status).toBe(403);
  expect(await refused.json()).toEqual({ detail: 'Authentication credentials were not provided.' });
  expect(server.log().map(({ msg }) => msg)).toContain('a request was refused, but its event could not be written');
});

test('a refused view of a certificate is sent although nobody can tell whether it holds a key', async () => {
  await database.query('ALTER TABLE keypairs RENAME TO keypairs_gone');
  const refused = await get(`${PAIRS}${randomUUID()}/view_certificate/`);

  expect(refused.status).toBe(403);
  expect(server.log().map(({ msg }) => msg)).toContain('a request was refused, but its event could not be written');
});
