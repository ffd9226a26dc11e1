import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { PAIRS, startServer, type TestServer } from '../support/server.ts';
import { until } from '../support/until.ts';
import { printFigures } from './support/figures.ts';

const LEAVERS = 20;
/** For attempts that may show nothing. */
const TIME_MS = 200_000;

let server: TestServer;
/** Requests that reached the server and were left before their answer had gone. */
let abandoned = 0;
beforeAll(async () => {
  server = await startServer({ keyGenerationSlots: 1, keyGenerationQueueLength: 1 }, undefined, (app) => {
    app.server.on('request', (_request, response) => {
      response.once('close', () => {
        abandoned += response.writableFinished ? 0 : 1;
      });
    });
  });
});
afterAll(() => server.close());

function generate(name: string, signal?: AbortSignal): Promise<Response> {
  return fetch(`${server.url}${PAIRS}generate/`, {
    method: 'POST',
    headers: { authorization: `Bearer ${server.token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ common_name: name, validity_days: 1 }),
    ...(signal === undefined ? {} : { signal }),
  });
}

async function names(): Promise<unknown[]> {
  const rows = await server.database.query<{ name: string }>('SELECT name FROM keypairs');
  return rows.map(({ name }) => name);
}

test('what finds the queue full is told to come back, at once, and reads go on meanwhile', async () => {
  const answers = await Promise.all(
    ['a', 'b', 'c', 'd', 'e'].map(async (name) => {
      const response = await generate(name);
      return {
        name,
        status: response.status,
        retryAfter: response.headers.get('retry-after'),
        body: await response.json(),
      };
    }),
  );

  const [made, refused] = [
    answers.filter(({ status }) => status === 200),
    answers.filter(({ status }) => status === 503),
  ];
  expect(made.length).toBeGreaterThanOrEqual(2);
  expect(refused.length).toBeGreaterThanOrEqual(1);
  expect(made.length + refused.length).toBe(5);
  for (const { retryAfter, body } of refused) {
    expect(Number(retryAfter)).toBeGreaterThan(0);
    expect(body).toEqual({ detail: 'Too many key generations are waiting. Try again later.' });
  }
  expect((await names()).sort()).toEqual(made.map(({ name }) => name).sort());
  printFigures(`queue of key generations full: ${refused.length} of ${answers.length} generations refused`);
});

test(
  'a client that leaves while it waits frees its place at once, and nothing is stored for it',
  async () => {
    let attempt = 0;
    // A generation may end between two of the requests; then the attempt shows nothing and another one is made.
    await until(async () => {
      attempt++;
      const leaving = new AbortController();
      const running = status(`running-${attempt}`);
      // A round trip of another request leaves each the time to take its place.
      await server.request('GET', PAIRS);
      const left = status(`left-${attempt}`, leaving.signal).catch(() => 'left');
      await server.request('GET', PAIRS);
      const wasFull = (await status(`probe-${attempt}`)) === 503;
      leaving.abort();
      // One of the two finds the place that was freed. Had the running generation ended, both would be let in; had no place been
      // freed, neither.
      const successors = await Promise.all([status(`one-${attempt}`), status(`other-${attempt}`)]);
      await running;
      return wasFull && (await left) === 'left' && successors.toSorted().join() === '200,503';
    }, TIME_MS);

    const stored = await names();
    expect(stored).toContain(`running-${attempt}`);
    expect(stored).not.toContain(`left-${attempt}`);
    printFigures(`client left while its generation waited: 1 time (attempt ${attempt}); its place was free at once`);
  },
  2 * TIME_MS,
);

test('a client that leaves at once, or while its key is made, has nothing stored for it', async () => {
  const abandonedBefore = abandoned;
  for (let leaver = 0; leaver < LEAVERS; leaver++) {
    const leaving = new AbortController();
    const left = generate(`leaver-${leaver}`, leaving.signal).catch(() => 'left');
    // Each leaves a little later than the one before: on the way, while its body is read, while its key is made.
    await new Promise((resolve) => setTimeout(resolve, leaver));
    leaving.abort();
    await left;
  }
  // What still runs for them is over once another one has had its turn.
  await until(async () => (await status('after the leavers')) !== 503);

  expect((await names()).filter((name) => String(name).startsWith('leaver'))).toEqual([]);
  const leftEarly = abandoned - abandonedBefore;
  printFigures(
    `client left before its generation was answered: ${LEAVERS} times, ${leftEarly} of them met by the server; nothing stored`,
  );
  expect(leftEarly).toBeGreaterThan(0);
});

test(
  'a client that leaves with requests in a pipeline has nothing stored for any of them',
  async () => {
    let attempt = 0;
    // A generation may end before the client leaves; then the attempt shows nothing and another one is made.
    await until(async () => {
      attempt++;
      const { hostname, port } = new URL(server.url);
      const client = connect(Number(port), hostname).on('error', () => {});
      await once(client, 'connect');
      let answered = false;
      client.on('data', () => {
        answered = true;
      });
      client.write(['first', 'second'].map((place) => generation(`${place}-${attempt}`)).join(''));
      // A round trip of another request leaves both the time to take their place: one runs, the other waits.
      await server.request('GET', PAIRS);
      const left = (await status(`probe-${attempt}`)) === 503 && !answered;
      client.destroy();
      await until(async () => (await status(`after-${attempt}`)) !== 503);
      return left;
    }, TIME_MS);

    const stored = await names();
    expect(stored).toContain(`after-${attempt}`);
    expect(stored).not.toContain(`first-${attempt}`);
    expect(stored).not.toContain(`second-${attempt}`);
    printFigures(`client left with two generations in a pipeline: 1 time (attempt ${attempt}); nothing stored`);
  },
  2 * TIME_MS,
);

/** The bytes of a request. */
function generation(name: string): string {
  const body = JSON.stringify({ common_name: name, validity_days: 1 });
  const head = [
    `POST ${PAIRS}generate/ HTTP/1.1`,
    'Host: x',
    `Authorization: Bearer ${server.token}`,
    'Content-Type: application/json',
    `Content-Length: ${body.length}`,
  ];
  return `${head.join('\r\n')}\r\n\r\n${body}`;
}

/** The status of a generation's answer, which is read to its end. */
async function status(name: string, signal?: AbortSignal): Promise<number> {
  const response = await generate(name, signal);
  await response.arrayBuffer();
  return response.status;
}
