import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PAIRS, startServer, type TestServer } from '../support/server.ts';
import { until } from '../support/until.ts';
import { printFigures } from './support/figures.ts';

/** Nothing of this may be seen outside. */
const MESSAGE = 'INNERMOST duplicate key (hash)=(x) SELECT "sealed" FROM keypairs at /srv/certkeep/src/main.ts:1';
const INSIDE = /INNERMOST|SELECT|keypairs"|\/srv\/|\/src\/|node_modules|\.[jt]s:\d|\bat .*\(|stack|FST_|SOME_CODE/;

const mistake = () => Object.assign(new TypeError(MESSAGE), { code: 'SOME_CODE', detail: MESSAGE });

const STAGES = [
  'onRequest',
  'preParsing',
  'preValidation',
  'preHandler',
  'preSerialization',
  'onSend',
  'onError',
] as const;
const ROUTES = [
  ['a list', 'GET', PAIRS],
  ['one pair', 'GET', `${PAIRS}00000000-0000-4000-8000-00000000dead/`],
  ['a creation', 'POST', PAIRS],
  ['a wrong method', 'DELETE', `${PAIRS}generate/`],
  ['the description', 'GET', '/api/v3/schema/'],
  ['a path that is no route of the API', 'GET', '/api/v3/nowhere/'],
  ['a path of nobody', 'GET', '/nowhere'],
  ['a probe', 'GET', '/-/health/ready/'],
  ['the page to browse', 'GET', '/docs/'],
  ['a file of that page', 'GET', '/docs/static/swagger-ui.css'],
  ['that page’s description', 'GET', '/docs/json'],
] as const;

/** Throws in a stage of a request that names it; added before everything else, so that it holds everywhere. */
function sabotage(app: FastifyInstance): void {
  for (const stage of STAGES) {
    app.addHook(stage as 'preHandler', async (request) => {
      if (request.headers['x-fail'] === stage || (stage === 'onSend' && request.headers['x-fail'] === 'onError')) {
        throw mistake();
      }
    });
  }
  app.addHook('preHandler', async (request, reply) => {
    if (request.headers['x-fail'] === 'serializer') {
      reply.serializer(() => {
        throw mistake();
      });
    }
  });
  app.addHook('preParsing', async (request, _reply, payload) => {
    if (request.headers['x-fail'] === 'body') {
      payload.destroy(mistake());
    }
    return payload;
  });
}

let server: TestServer;
beforeAll(async () => {
  const begin = (message: unknown) => sabotage((message as { fastify: FastifyInstance }).fastify);
  subscribe('fastify.initialization', begin);
  server = await startServer();
  unsubscribe('fastify.initialization', begin);
  server.foreseeMistakes();
});
// Answers to broken hooks need not be described.
afterAll(() => server.close().catch(() => {}));

let mistakes = 0;
afterAll(() => printFigures(`errors at each stage of each kind of route: ${mistakes} answers with 500 told nothing`));

describe.each([...STAGES, 'serializer', 'body'])('an error in %s tells nothing outside', (stage) => {
  test.each(ROUTES)('on %s', async (_what, method, path) => {
    const body = method === 'POST' ? { name: 'x', certificate_data: 'y' } : undefined;
    const answer = await server.request(method, path, body, { 'x-fail': stage }).catch((error: unknown) => error);
    if (answer instanceof Response) {
      const text = path.endsWith('.css') && answer.status === 200 ? '' : await answer.text();
      const head = [...answer.headers].filter(([name]) => name !== 'content-security-policy');
      mistakes += answer.status === 500 ? 1 : 0;
      expect([stage, answer.status]).not.toEqual(['onRequest', 200]);
      if (answer.status >= 400) {
        expect(text).not.toMatch(INSIDE);
        expect(JSON.stringify(head)).not.toMatch(INSIDE);
      }
    }
  });
});

test('an error of what stands behind the routes tells nothing outside', async () => {
  const own = await startServer();
  own.foreseeMistakes();
  await own.database.query('DROP TABLE keypairs CASCADE');
  for (const [, method, path] of ROUTES) {
    const answer = await own.request(method, path, method === 'POST' ? { name: 'x' } : undefined);
    const text = await answer.text();
    if (answer.status >= 400) {
      expect(text).not.toMatch(INSIDE);
      expect(text).not.toMatch(/relation|does not exist|prisma|42P01/i);
    }
  }
  expect((await own.request('GET', PAIRS)).status).toBe(500);
  await own.close();
});

test('what is answered past Fastify is logged as every other request', async () => {
  const answer = await server.request('GET', '/nowhere', undefined, { 'x-fail': 'onRequest' });
  expect(answer.status).toBe(500);
  await answer.text();
  await until(() =>
    server.log().some((line) => line.msg === 'request completed' && 'statusCode' in line && line.statusCode === 500),
  );
});
