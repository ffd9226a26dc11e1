import { once } from 'node:events';
import { type AddressInfo, connect } from 'node:net';
import Fastify, { type FastifyBaseLogger, type FastifyInstance } from 'fastify';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import { RequestLog, secretField } from '../../src/http/index.ts';
import { until } from '../support/until.ts';

/** What the routes here declare. */
const DECLARED = z.object({
  a: z.string().optional(),
  hidden: secretField(z.string()).optional(),
});

interface Line {
  readonly msg: string;
  readonly url?: string;
}

let app: FastifyInstance;
let lines: Line[];
let asked: number;
beforeEach(async () => {
  lines = [];
  asked = 0;
  const logger: FastifyBaseLogger = pino({}, { write: (line: string) => lines.push(JSON.parse(line) as Line) });
  const logController = new RequestLog();
  app = Fastify({ loggerInstance: logger, logController, forceCloseConnections: true });
  logController.urls.learn(app);
  app.setValidatorCompiler(() => () => true);
  app.addHook('onRequest', async () => {
    asked++;
  });
  app.get('/answered', { schema: { querystring: DECLARED } }, async () => ({}));
  app.get('/answered/:id', { schema: { params: z.object({ id: z.string() }) } }, async () => ({}));
  app.get('/waiting', { schema: { querystring: DECLARED } }, () => new Promise(() => {}));
  app.post('/answered', async () => ({}));
  await app.listen({ host: '127.0.0.1', port: 0 });
  lines.length = 0;
});
afterEach(() => app.close());

const port = () => (app.server.address() as AddressInfo).port;
const head = (request: string) => `${request} HTTP/1.1\r\nHost: x\r\n`;

/** Sends text on a connection, waits until the server met so many requests, and leaves. */
async function sendAndLeave(text: string, requests: number): Promise<void> {
  const socket = connect(port(), '127.0.0.1');
  await once(socket, 'connect');
  socket.write(text);
  await until(async () => asked === requests);
  socket.destroy();
}

test('an answered request is logged once, with what was asked and what was answered', async () => {
  await (await fetch(`http://127.0.0.1:${port()}/answered?a=b`)).text();
  await until(async () => lines.length > 0);

  expect(lines).toEqual([
    expect.objectContaining({
      msg: 'request completed',
      method: 'GET',
      url: '/answered?a=b',
      statusCode: 200,
      remoteAddress: '127.0.0.1',
      reqId: expect.any(String),
      responseTime: expect.any(Number),
    }),
  ]);
});

test('a request whose client leaves is logged once, with what was asked', async () => {
  await sendAndLeave(`${head('GET /waiting')}\r\n`, 1);
  await until(async () => lines.length > 0);

  expect(lines).toEqual([
    expect.objectContaining({
      msg: 'request broke off',
      method: 'GET',
      url: '/waiting',
      remoteAddress: '127.0.0.1',
      responseTime: expect.any(Number),
    }),
  ]);
  expect(lines[0]).not.toHaveProperty('statusCode');
});

test('each request of a pipeline is logged once when its client leaves', async () => {
  await sendAndLeave(
    `${head('GET /waiting?a=1')}\r\n${head('GET /waiting?a=2')}\r\n${head('GET /waiting?a=3')}\r\n`,
    3,
  );
  await until(async () => lines.length >= 3);

  expect(lines.map(({ msg, url }) => [msg, url])).toEqual(
    expect.arrayContaining([1, 2, 3].map((n) => ['request broke off', `/waiting?a=${n}`])),
  );
  expect(lines).toHaveLength(3);
});

test('requests of a pipeline that are answered leave no listener on their connection', async () => {
  const socket = connect(port(), '127.0.0.1');
  const serverSide = once(app.server, 'connection');
  const [connection] = await serverSide;
  const before = connection.listenerCount('close');
  socket.write(`${head('GET /answered')}\r\n`.repeat(30));
  await until(async () => lines.length === 30);

  expect(lines.every(({ msg }) => msg === 'request completed')).toBe(true);
  await until(async () => connection.listenerCount('close') <= before + 1);
  socket.destroy();
});

test('a request whose body breaks off is logged', async () => {
  await sendAndLeave(`${head('POST /answered')}Content-Type: application/json\r\nContent-Length: 9\r\n\r\n{`, 1);
  await until(async () => lines.some(({ msg }) => msg.startsWith('request')));

  expect(lines.filter(({ msg }) => msg === 'request completed' || msg === 'request broke off')).toHaveLength(1);
});

const TOKEN = `certkeep_${'x'.repeat(43)}`;

test.each([
  ['a parameter that the route does not declare', '/answered?a=1&b=two', '/answered?a=1&[redacted]'],
  ['a declared one that is a secret', '/answered?hidden=two&a=1', '/answered?hidden=[redacted]&a=1'],
  ['a parameter without a value', '/answered?two', '/answered?[redacted]'],
  ['a token in a declared parameter', `/answered?a=${TOKEN}`, '/answered?a=[redacted]'],
  ['an escaped token', `/answered?a=${TOKEN.replace('_', '%5F')}`, '/answered?a=[redacted]'],
  ['a key in a declared parameter', '/answered?a=-----BEGIN%20PRIVATE+KEY-----%0AMC4', '/answered?a=[redacted]'],
  ['an escape that is none', '/answered?a=%zz', '/answered?a=[redacted]'],
  ['a path that is no route', '/answered/one/two', '/answered/[redacted]/[redacted]'],
  ['a declared part of a path', '/answered/one', '/answered/one'],
  ['an action that is none', '/answered:two', '/answered:[redacted]'],
  ['an id', '/nowhere/0c2f8f6e-7a52-4a5e-9d3e-0c1d2e3f4a5b', '/[redacted]/0c2f8f6e-7a52-4a5e-9d3e-0c1d2e3f4a5b'],
])('the log shows of %s what is known not to be a secret', async (_what, target, shown) => {
  await (await fetch(`http://127.0.0.1:${port()}${target}`)).text();
  await until(async () => lines.some(({ msg }) => msg === 'request completed'));

  expect(lines.find(({ msg }) => msg === 'request completed')?.url).toBe(shown);
});
