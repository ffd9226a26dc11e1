import { randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { connect, type Socket } from 'node:net';
import { Client } from 'pg';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Config } from '../../src/config.ts';
import { createDatabase } from '../support/database.ts';
import { opensslPair } from '../support/openssl.ts';
import { present } from '../support/present.ts';
import { PAIRS, startServer, type TestServer } from '../support/server.ts';
import { until } from '../support/until.ts';
import { inMs, printFigures } from './support/figures.ts';
import { askForLongAnswers } from './support/long-answers.ts';
import { startStallingProxy } from './support/stalling-proxy.ts';
import { headOf, lifeOf, startWatched } from './support/watched-server.ts';

const DATABASE_TIMEOUT_MS = 1000;
/** The wait for a connection, a statement, and the ROLLBACK of its transaction: each may take the configured time. */
const LONGEST_ANSWER_MS = 3 * DATABASE_TIMEOUT_MS;
const REQUEST_TIMEOUT_MS = 1000;
/** Of one request with the database: none makes more, so that each is bounded also where each takes nearly the configured time. */
const MOST_ROUND_TRIPS = 12;
/** Node looks at half of the time whether it is over. */
const LONGEST_REQUEST_MS = 1.5 * REQUEST_TIMEOUT_MS;
/** Of a server with a client that reads nothing: what the system still took at last is noticed when it is looked at once more. */
const LONGEST_END_MS = 2 * 2000;
/** What a busy machine adds; less than what Node and Certkeep wait for where nothing is configured. */
const SLACK_MS = 8000;

const { certificate, privateKey } = opensslPair();

/** A server whose database is reached over a way that can be stalled, with one pair in it. */
async function start(overrides: Partial<Config> = {}) {
  const database = await createDatabase();
  onTestFinished(() => database.drop());
  const proxy = await startStallingProxy(database.url);
  onTestFinished(() => proxy.close());
  const config = { databaseUrl: proxy.url, databaseTimeoutMs: DATABASE_TIMEOUT_MS, ...overrides };
  const server = await startServer(config, database);
  onTestFinished(() => server.close());
  let pk: string | undefined;
  // So short a time can be over on a busy machine, too; then nobody knows whether it is there.
  await until(async () => {
    const body = { name: `stored ${randomUUID()}`, certificate_data: certificate, key_data: privateKey };
    const answer = await server.request('POST', PAIRS, body);
    ({ pk } = (await answer.json()) as { pk?: string });
    return answer.status === 201;
  });
  return { server, database, proxy, pk: present(pk) };
}

/** One request of every kind, the one that deletes the pair at the end. */
function everyKind(server: TestServer, pk: string): (() => Promise<Response>)[] {
  const pair = (name: string) => ({ name, certificate_data: certificate, key_data: privateKey });
  return [
    () => server.request('GET', PAIRS),
    () => server.request('GET', `${PAIRS}?search=stored&ordering=-name`),
    () => server.request('GET', `${PAIRS}${pk}/`),
    () => server.request('GET', `${PAIRS}${pk}/view_certificate/`),
    () => server.request('GET', `${PAIRS}${pk}/view_private_key/`),
    () => server.request('GET', `${PAIRS}${pk}/used_by/`),
    () => server.request('POST', PAIRS, pair('created')),
    () => server.request('POST', `${PAIRS}generate/`, { common_name: 'made', validity_days: 1, alg: 'ed25519' }),
    () => server.request('PUT', `${PAIRS}${pk}/`, pair('replaced')),
    () => server.request('PATCH', `${PAIRS}${pk}/`, { name: 'changed' }),
    () => server.request('DELETE', `${PAIRS}${pk}/`),
  ];
}

async function timed(request: () => Promise<Response>) {
  const begin = performance.now();
  const response = await request();
  await response.arrayBuffer();
  return { status: response.status, duration: performance.now() - begin };
}

function expectBounded(what: string, answers: readonly { status: number; duration: number }[]): void {
  const refused = answers.filter(({ status }) => status === 503).length;
  const longest = Math.max(...answers.map(({ duration }) => duration));
  printFigures(
    `${what}: ${refused} of ${answers.length} requests met it; longest ${inMs(longest)} (bound ${LONGEST_ANSWER_MS} ms)`,
  );
  expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 503));
  expect(longest).toBeLessThan(LONGEST_ANSWER_MS + SLACK_MS);
}

/** Holds what every request but the look at the token needs. */
async function lockTables(url: string): Promise<Client> {
  const other = new Client({ connectionString: url });
  await other.connect();
  await other.query('BEGIN; LOCK TABLE keypairs, sealed_secrets IN ACCESS EXCLUSIVE MODE');
  return other;
}

describe('a database that', () => {
  test('waits for a lock: each request is answered 503 in time, and serves again afterwards', async () => {
    const { server, database, pk } = await start({ databasePoolSize: 12 });
    const other = await lockTables(database.url);
    expectBounded('tables locked', await Promise.all(everyKind(server, pk).map(timed)));
    await other.end();
    await until(async () => (await server.request('GET', PAIRS)).status === 200);
  });

  test('has no connection left: each request is answered 503 in time, and serves again afterwards', async () => {
    const { server, database, pk } = await start({ databasePoolSize: 2 });
    const other = await lockTables(database.url);
    const requests = [...everyKind(server, pk), ...everyKind(server, pk), ...everyKind(server, pk)];
    expectBounded('pool exhausted', await Promise.all(requests.map(timed)));
    await other.end();
    await until(async () => (await server.request('GET', PAIRS)).status === 200);
  });

  test('says nothing any more: each request is answered 503 in time, and serves again afterwards', async () => {
    const { server, proxy, pk } = await start({ databasePoolSize: 4 });
    const readiness = () => fetch(`${server.url}/-/health/ready/`);
    proxy.stall();
    expectBounded('database silent', await Promise.all([...everyKind(server, pk), readiness].map(timed)));
    expect(proxy.heldBack()).toBeGreaterThan(0);
    proxy.resume();
    await until(async () => (await readiness()).status === 200);
    await until(async () => (await server.request('GET', PAIRS)).status === 200);
  });

  test('takes its time for each statement: a request takes no longer than its few statements may', async () => {
    const { server, proxy, pk } = await start({ databasePoolSize: 12 });
    const delay = DATABASE_TIMEOUT_MS * 0.2;
    proxy.slowDown(delay);
    // The last three change the one pair: at once they would wait for each other.
    const kinds = everyKind(server, pk);
    const answers = await Promise.all(kinds.slice(0, -3).map(timed));
    for (const request of kinds.slice(-3)) {
      answers.push(await timed(request));
    }
    proxy.slowDown(0);
    const late = answers.filter(({ duration }) => duration >= delay).length;
    const longest = Math.max(...answers.map(({ duration }) => duration));
    const bound = MOST_ROUND_TRIPS * DATABASE_TIMEOUT_MS;
    const statuses = answers.map(({ status }) => status).join(' ');
    printFigures(
      `slow database (${delay} ms a statement): ${late} of ${answers.length} requests met it, answered ${statuses}; longest ${inMs(longest)} (bound ${bound} ms)`,
    );
    expect(late).toBe(answers.length);
    expect(answers.map(({ status }) => status).filter((status) => status >= 400 && status !== 503)).toEqual([]);
    expect(longest).toBeLessThan(bound);
  });
});

describe('a client that', () => {
  const halfSent = (server: TestServer) =>
    `${headOf(server, `POST ${PAIRS}`)}Content-Type: application/json\r\nContent-Length: 100000\r\n\r\n{"name":`;

  test.each([
    ['sends half of a body', (_client: Socket) => {}],
    [
      'sends its body a byte at a time',
      (client: Socket) => {
        const sending = setInterval(() => client.write('x'), 50);
        client.once('close', () => clearInterval(sending));
        onTestFinished(() => clearInterval(sending));
      },
    ],
  ])('%s is answered 408 in time', async (what, goOn) => {
    const watched = await startWatched(REQUEST_TIMEOUT_MS);
    const { server } = watched;
    onTestFinished(() => server.close());
    let answer = '';
    const life = await lifeOf(watched, (client) => {
      client.setEncoding('utf8').on('data', (text: string) => {
        answer += text;
      });
      client.write(halfSent(server));
      goOn(client);
    });
    printFigures(`a client that ${what}: 1 time; ended after ${inMs(life)} (bound ${LONGEST_REQUEST_MS} ms)`);
    expect(answer).toMatch(/^HTTP\/1.1 408 /);
    expect(life).toBeLessThan(LONGEST_REQUEST_MS + SLACK_MS);
  });

  test('does not read its answers loses its connection in time, and the server can end', async () => {
    const watched = await startWatched(REQUEST_TIMEOUT_MS);
    const { server, closed } = watched;
    const requests = await askForLongAnswers(server, 20);
    const life = await lifeOf(watched, (client) => {
      client.pause();
      client.write(requests);
    });
    // The end of a server waits for its requests, and for a silent connection like this one only where it believes that some are left.
    const silent = connect(Number(new URL(server.url).port), '127.0.0.1');
    onTestFinished(() => void silent.destroy());
    await until(() => closed.has(silent.localPort as number));
    const begin = performance.now();
    await server.close();
    const ending = performance.now() - begin;
    printFigures(
      `a client that does not read: 1 time; ended after ${inMs(life)} (bound ${REQUEST_TIMEOUT_MS} ms), the server then ended in ${inMs(ending)}`,
    );
    expect(life).toBeGreaterThan(REQUEST_TIMEOUT_MS / 2);
    expect(life).toBeLessThan(REQUEST_TIMEOUT_MS + SLACK_MS);
    expect(ending).toBeLessThan(2000);
  });

  test('does not read its answers keeps no server from ending, and one that reads slowly gets all of them', async () => {
    const responses: ServerResponse[] = [];
    const server = await startServer({}, undefined, (app) => {
      app.server.on('request', (_request, response) => responses.push(response));
    });
    const requests = await askForLongAnswers(server, 20);
    const ask = () => {
      const { hostname, port } = new URL(server.url);
      const client = connect(Number(port), hostname, () => client.write(requests));
      onTestFinished(() => void client.destroy());
      return client.pause();
    };
    ask();
    const slow = ask();
    await until(() => responses.length === 1 + 2 * 20 && responses.every(({ writableEnded }) => writableEnded));

    let answers = 0;
    let unread = 0;
    slow.setEncoding('latin1').on('data', (chunk: string) => {
      answers += chunk.split('HTTP/1.1 200 OK').length - 1;
      unread += chunk.length;
      if (unread > 2_000_000) {
        slow.pause();
      }
    });
    const reading = setInterval(() => {
      unread = 0;
      slow.resume();
    }, 300);
    onTestFinished(() => clearInterval(reading));
    const begin = performance.now();
    await server.close();
    const ending = performance.now() - begin;
    printFigures(
      `a server that ends beside a client that does not read: 1 time; ended in ${inMs(ending)} (bound ${LONGEST_END_MS} ms)`,
    );
    await until(() => slow.readableEnded);
    expect(answers).toBe(20);
    expect(ending).toBeLessThan(LONGEST_END_MS + SLACK_MS);
  });
});
